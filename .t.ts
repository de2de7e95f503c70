import * as p from "groupstream/protocol";
const raw = (s: string) => Buffer.from(s.replaceAll("\n", "\r\n"), "latin1");
const m = raw(`From: =?utf-8?Q?J=C3=B6rg?= <j@X.de>
To: team@example.org, "Doe, J" <doe@e.org>
Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=
Date: Mon, 23 Nov 2026 22:31:00 +0100 (CET)
Message-ID: <a@B.c>
References: <r1@x> <r2@x>
In-Reply-To: <r2@x>
Content-Type: multipart/mixed; boundary="b1"

preamble
--b1
Content-Type: multipart/alternative; boundary=b2

--b2
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Hallo =C3=BC
--b2
Content-Type: text/html

<p>Hallo <script>x</script><a href="http://x.y" onclick=1>link</a><img src="cid:1" alt="logo"></p>
--b2--
--b1
Content-Type: application/pdf; name="a.pdf"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename*=UTF-8''%C3%BC.pdf

QUJD
--b1--
`);
for (const step of [1e9, 1, 3, 7]) {
  const s = p.mailScan(); for (let i = 0; i < m.length; i += step) s.push(m.subarray(i, i + step));
  const { headers, structure } = s.end();
  if (step === 1e9) console.dir(structure, { depth: 9 });
  const t = p.chooseText(structure) as any;
  const text = p.textOf({ plain: p.decodePart(p.partBytes(m, t.plain), t.plain), html: p.decodePart(p.partBytes(m, t.html), t.html) });
  const n = p.noteOf({ headers, structure, text });
  if (step === 1e9) console.dir(n, { depth: 9 }); else console.log(JSON.stringify(structure) === JSON.stringify(p.scanMail(m).structure));
  if (step === 1e9) console.log(p.mailEvidence({ ...p.headerFacts(headers), size: m.length, digest: p.textDigest(text.text) }));
}
