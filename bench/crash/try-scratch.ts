import { live } from "/work/main/bench/crash/history.ts";
import { startDovecot } from "/work/main/test/lab/dovecot.ts";

const server = await startDovecot();
try {
  for (const a of JSON.parse(process.argv[2]!)) {
    const t = performance.now();
    const o = await live({ server, ...a });
    console.log(
      JSON.stringify({
        ...a,
        ms: Math.round(performance.now() - t),
        deaths: o.deaths,
        steps: o.steps,
        repeats: o.repeats,
        told: o.sentences.length,
        broken: o.broken.length,
      }),
      o.broken.slice(0, 8),
    );
    if (process.env.SHOW) console.log(o.sentences.join("\n"));
  }
} finally {
  await server.stop();
}
