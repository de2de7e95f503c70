/** Cards as address books really write them. Lines by `\n`; {@link bytesOf} makes them bytes with CRLF. */

export const bytesOf = (text: string): Uint8Array => Buffer.from(text.replaceAll("\n", "\r\n"));

/** iOS and macOS: 3.0, lower-case types, groups with labels, a birthday without a year, a photo over several lines. */
export const apple = `BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//iOS 17.4//EN
N:Lovelace;Ada;King;Countess;
FN:Countess Ada King Lovelace
ORG:Analytical Engines\\, Ltd.;Programming;
TITLE:Programmer
EMAIL;type=INTERNET;type=HOME;type=pref:Ada@Example.ORG
item1.EMAIL;type=INTERNET:countess@example.net
item1.X-ABLabel:_$!<School>!$_
TEL;type=CELL;type=VOICE;type=pref:+44 20 7946 0000
TEL;type=WORK;type=VOICE:+44 20 7946 0001
TEL;type=WORK;type=VOICE:+44 20 7946 0002
item2.ADR;type=HOME:;;12 St James's Square;London;;SW1Y 4JH;United Kingdom
item2.X-ABADR:gb
item3.URL:https\\://example.org/ada
item3.X-ABLabel:_$!<HomePage>!$_
IMPP;X-SERVICE-TYPE=Jabber;type=HOME:xmpp:ada@example.org
BDAY;X-APPLE-OMIT-YEAR=1604;value=date:1604-12-10
NOTE:Poetical science\\; two\\nlines\\, one comma
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJ
 CQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/
X-SOCIALPROFILE;type=twitter:https://example.com/ada
UID:03A0E51F-D1AA-4385-8A53-E29025ACD8AF
REV:2026-03-01T10:00:00Z
END:VCARD
`;

/** Google Contacts: 3.0, labels in groups, no UID of its own in exports, several nicknames. */
export const google = `BEGIN:VCARD
VERSION:3.0
FN:Charles Babbage
N:Babbage;Charles;;;
NICKNAME:Charly,Babs
item1.EMAIL;TYPE=INTERNET:charles@example.org
item1.X-ABLabel:
item2.TEL:+44 1
item2.X-ABLabel:Ferienhaus
CATEGORIES:myContacts,Engines
X-GOOGLE-TALK:charles@example.org
item3.URL:http\\://www.google.com/profiles/1
item3.X-ABLabel:PROFILE
END:VCARD
`;

/** Nextcloud and other writers of 4.0: URIs for telephones, members by UID and by mail. */
export const nextcloudGroup = `BEGIN:VCARD
VERSION:4.0
PRODID:-//Sabre//Sabre VObject 4.5.4//EN
UID:urn:uuid:11111111-2222-4333-8444-555555555555
KIND:group
FN:Engineers
MEMBER:urn:uuid:03A0E51F-D1AA-4385-8A53-E29025ACD8AF
MEMBER:mailto:Charles@Example.org
MEMBER:not an iri
MEMBER;VALUE=text:urn:uuid:03A0E51F:ABPerson
REV:20260301T100000Z
END:VCARD
`;

export const nextcloud = `BEGIN:VCARD
VERSION:4.0
UID:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1
FN;PREF=2:Grace B. Hopper
FN;PREF=1:Grace Hopper
N:Hopper;Grace;;;
EMAIL;TYPE=WORK;PREF=1:grace@example.org
EMAIL;TYPE=HOME:ghopper@bücher.example
TEL;TYPE="voice,work";VALUE=uri:tel:+1-555-0100;ext=7
TEL;TYPE=cell;TYPE=home,voice:+1 555 0101
BDAY:19061209
ANNIVERSARY:--0615
TZ:Europe/Berlin
GEO:geo:52.5,13.4
PHOTO:data:image/jpeg;base64,/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/
KEY:data:application/pgp-keys;base64,AAAA
END:VCARD
`;

/** Outlook and phones: 2.1 with bare types, quoted-printable with soft breaks in a charset of its own, base64 that ends with an empty line. */
export const outlook = `BEGIN:VCARD
VERSION:2.1
N;LANGUAGE=de;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg
FN;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:J=F6rg M=FCller
ORG:Example, Inc.;Sales
TEL;WORK;VOICE:+49 30 1
TEL;CELL:+49 170 1
LABEL;WORK;PREF;ENCODING=QUOTED-PRINTABLE:Stra=C3=9Fe 1=0D=0A=
Berlin
ADR;WORK;PREF:;;Street 1, rear;Berlin;;10115;Germany
NOTE;ENCODING=QUOTED-PRINTABLE:first=0D=0Asecond =
and the rest
EMAIL;PREF;INTERNET:joerg@example.org
PHOTO;TYPE=JPEG;ENCODING=BASE64:
 /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJ
 CQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/

X-MS-OL-DEFAULT-POSTAL-ADDRESS:2
REV:20260301T100000Z
END:VCARD
`;

export const all = { apple, google, nextcloudGroup, nextcloud, outlook };
