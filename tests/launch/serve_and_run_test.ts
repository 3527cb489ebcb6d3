import assert from "node:assert/strict";
import { join } from "node:path";
import { RunError } from "../../lib/core/errors.ts";
import { serveAndRun } from "../../lib/launch/serve_and_run.ts";
import { processRuns } from "./process_runs.ts";
import { shellQuote } from "../../lib/launch/shell_quote.ts";

/** A server that says its pid at /health once it has been asked twice. */
const SERVER = `
let asked = 0;
console.log("loading");
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen() {} }, () =>
  new Response(String(Deno.pid), { status: asked++ < 2 ? 503 : 200 }));
`;
/** A command that asks the server whose --base-url it was given. */
const COMMAND = `
const url = Deno.args[Deno.args.indexOf("--base-url") + 1];
Deno.writeTextFileSync(Deno.args[0], await (await fetch(url)).text());
Deno.exit(7);
`;

async function setting() {
  const folder = await Deno.makeTempDir({ prefix: "it's a " });
  const server = join(folder, "server.ts"), command = join(folder, "command.ts");
  await Deno.writeTextFile(server, SERVER);
  await Deno.writeTextFile(command, COMMAND);
  const deno = Deno.execPath();
  const quoted = shellQuote(server);
  const log: string[] = [];
  return {
    folder,
    log,
    serve: `echo before; ${deno} run -A --no-lock ${quoted} {port}; echo after`,
    options: { log: join(folder, "logs/server.log"), serveTimeout: 60 },
    context: { log: (line: string) => log.push(line) },
    command: [deno, "run", "-A", "--no-lock", command, join(folder, "answer")],
  };
}

Deno.test("a command runs beside its server, its exit status is passed on, the server ends", async () => {
  const { folder, serve, options, context, command } = await setting();
  const status = await serveAndRun({ serve, ...options }, context, { rest: command });
  assert.equal(status, 7);
  const pid = Number(await Deno.readTextFile(join(folder, "answer")));
  assert.ok(pid > 0);
  assert.ok(!processRuns(pid), "the server, a grandchild, has ended");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a server that ends before it answers is an error with the end of its log", async () => {
  const { folder, log, options, context, command } = await setting();
  const serve = "echo 'no GPU found'; exit 3 # {port}";
  await assert.rejects(
    serveAndRun({ serve, ...options }, context, { rest: command }),
    (error) => {
      assert.ok(error instanceof RunError);
      assert.match(error.message, /ended \(exit status 3\) before it answered; its log: /);
      return true;
    },
  );
  assert.deepEqual(log, ["server: no GPU found"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a server that is not healthy in time is an error, and is ended", async () => {
  const { folder, options, context, command } = await setting();
  const serve = `echo $$ > ${shellQuote(join(folder, "pid"))}; sleep 600 # {port}`;
  const late = { ...options, serveTimeout: 1 };
  await assert.rejects(
    serveAndRun({ serve, ...late }, context, { rest: command }),
    /did not answer at http:\/\/127\.0\.0\.1:\d+ within 1 s/,
  );
  assert.ok(!processRuns(Number(await Deno.readTextFile(join(folder, "pid")))));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a server that dies while it is needed ends the command too, with its log", async () => {
  const { folder, log, serve, options, context, command } = await setting();
  await Deno.writeTextFile(
    command[4]!,
    `Deno.addSignalListener("SIGTERM", () => Deno.exit(143));
     const url = Deno.args[Deno.args.indexOf("--base-url") + 1];
     Deno.kill(Number(await (await fetch(url)).text()), "SIGKILL");
     setTimeout(() => {}, 600_000);`,
  );
  await assert.rejects(
    serveAndRun({ serve, ...options }, context, { rest: command }),
    /the server ended \(exit status 0\) while it was needed; its log: /,
  );
  assert.ok(log.includes("server: loading"));
  assert.ok(log.some((line) => /^server: .*Killed/.test(line)), log.join("\n"));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("SIGTERM reaches the command, which saves its work before the server ends", async () => {
  const { folder, serve, options, command } = await setting();
  const saved = join(folder, "answer");
  await Deno.writeTextFile(
    command[4]!,
    `const url = Deno.args[Deno.args.indexOf("--base-url") + 1];
     Deno.addSignalListener("SIGTERM", async () => {
       Deno.writeTextFileSync(Deno.args[0], await (await fetch(url)).text());
       Deno.exit(143);
     });
     console.log("begun");
     setTimeout(() => {}, 600_000);`,
  );
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "scripts/serve_and_run.ts", "--serve", serve, "--log", options.log],
      ...["--", ...command],
    ],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = process.stdout.getReader();
  await reader.read();
  process.kill("SIGTERM");
  assert.equal((await process.status).code, 143);
  await reader.cancel();
  assert.ok(!processRuns(Number(await Deno.readTextFile(saved))));
  await Deno.remove(folder, { recursive: true });
});
