import { fork } from "node:child_process";

for (const env of [{}, { NODE_COMPILE_CACHE: "/tmp/ncc-try" }])
  for (let i = 0; i < 5; i++) {
    const t = performance.now();
    const c = fork("/work/main/bench/crash/child.ts", {
      execArgv: ["--conditions=groupstream:source"],
      env: { ...process.env, ...env },
    });
    await new Promise((r) => c.once("message", r));
    console.log(Object.keys(env), Math.round(performance.now() - t));
    c.disconnect();
    await new Promise((r) => c.once("exit", r));
  }
