/** Against a real Jupyter server and the pinned Deno kernel; their environment is made once. */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { InputError, messageOf, RunError } from "../../lib/core/errors.ts";
import { ensureNotebookEnvironment } from "../../lib/notebook/environment.ts";
import { type Notebook, readNotebook } from "../../lib/notebook/notebook_file.ts";
import { runNotebooks } from "../../lib/notebook/run_notebooks.ts";
import { type JupyterServer, startServer } from "../../lib/notebook/server.ts";
import { type TestCell, writeNotebook } from "./temp_notebook.ts";

/** A server in a folder of its own, which a test may kill. */
async function withServer(
  check: (server: JupyterServer & { pid: number }, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const environment = await ensureNotebookEnvironment();
  const server = await startServer(environment, { root: folder });
  try {
    await check(server, folder);
  } finally {
    await server.close();
    await Deno.remove(folder, { recursive: true });
  }
}

interface Ran {
  notebook: Notebook;
  log: string;
  /** What `runNotebooks` threw, on one line. */
  error: string | undefined;
  /** The lines that it told a person. */
  lines: string[];
  seconds: number;
}

/** Runs cells on a given server, as `run-notebook --server` does. */
async function runCells(
  server: JupyterServer,
  folder: string,
  name: string,
  cells: TestCell[],
  options: Parameters<typeof runNotebooks>[1] & { signal?: AbortSignal } = {},
): Promise<Ran> {
  const path = await writeNotebook(folder, name, cells);
  const out = join(folder, "out");
  const lines: string[] = [];
  const started = performance.now();
  const { signal, ...flags } = options;
  const error = await runNotebooks([path], { out, server: server.url, ...flags }, {
    env: (name) => name === "JUPYTER_TOKEN" ? server.token : undefined,
    log: (line) => lines.push(line),
    ...(signal ? { signal } : {}),
  }).then(() => undefined, messageOf);
  return {
    notebook: await readNotebook(join(out, basename(path))),
    log: await Deno.readTextFile(join(out, `${name}.log`)),
    error,
    lines,
    seconds: (performance.now() - started) / 1000,
  };
}

/** What a cell writes into a file, once it has. */
async function contentOf(path: string): Promise<string> {
  const started = performance.now();
  while (performance.now() - started < 60_000) {
    const text = await Deno.readTextFile(path).catch(() => "");
    if (text !== "") return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${path} was not written`);
}

/** Cells that print a line each and return a number. */
function printing(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `console.log("line ${i}"); ${i}`);
}

function assertAllPrinted(notebook: Notebook): void {
  for (const [i, cell] of notebook.cells.entries()) {
    // A printed line and the result come by two ways of the kernel, in either order.
    const texts = cell.outputs?.map((output) =>
      output.output_type === "stream"
        ? output.text
        : output.output_type === "execute_result"
        ? output.data["text/plain"]
        : output
    );
    assert.deepEqual(texts?.sort(), [String(i), `line ${i}\n`], `cell ${i}`);
    assert.equal(cell.execution_count, i + 1);
  }
}

async function kernelsOf(server: JupyterServer): Promise<unknown[]> {
  const reply = await fetch(`${server.url}api/kernels`, {
    headers: { authorization: `token ${server.token}` },
  });
  return await reply.json();
}

Deno.test("a real server and kernel", async (t) => {
  await withServer(async (server, folder) => {
    await t.step("every output of every cell is there, in its cell", async () => {
      const { notebook, error } = await runCells(server, folder, "many", printing(40));
      assert.equal(error, undefined);
      assertAllPrinted(notebook);
    });

    await t.step(
      "parameters are assigned, and the kernel works in the notebook's folder",
      async () => {
        const { notebook, log, error } = await runCells(
          server,
          folder,
          "parameters",
          [
            { source: "let n = 1, m = 2;\nlet text = 'a';", tags: ["parameters"] },
            "console.log(n, text, Deno.cwd())",
          ],
          { set: ["n=7", 'text="b c"'] },
        );
        assert.equal(error, undefined);
        assert.deepEqual(notebook.cells[1]!.metadata.tags, ["injected-parameters"]);
        const [output] = notebook.cells[2]!.outputs!;
        assert.equal(
          output?.output_type === "stream" && output.text,
          `7 b c ${await Deno.realPath(folder)}\n`,
        );
        assert.match(log, /^7 b c /m);
      },
    );

    await t.step("a cell that throws ends the run with the cell and its error", async () => {
      const { notebook, log, error, lines } = await runCells(server, folder, "throws", [
        "console.log('before')",
        "throw new TypeError('no such\\nthing')",
        "console.log('after')",
      ]);
      assert.match(error!, /^1 of 1 notebook\(s\) failed; see .*throws\.log$/);
      assert.deepEqual(lines, [`${join(folder, "throws.ipynb")}: cell 1: TypeError: no such`]);
      assert.match(log, /TypeError: no such/);
      assert.equal(notebook.cells[1]!.outputs?.[0]?.output_type, "error");
      assert.deepEqual(notebook.cells[2]!.outputs, []);
    });

    await t.step("a cell that does not parse says so", async () => {
      const { notebook, lines } = await runCells(server, folder, "syntax", ["let x = ;"]);
      assert.match(lines[0]!, /syntax\.ipynb: cell 0: Expression expected/);
      assert.equal(notebook.cells[0]!.outputs?.[0]?.output_type, "error");
    });

    await t.step("a cell that never ends is ended at its limit, busy or waiting", async () => {
      for (
        const [name, source] of [["busy", "while (true);"], [
          "waiting",
          "await new Promise(() => setInterval(() => {}, 1e6))",
        ]] as const
      ) {
        const { notebook, lines, seconds } = await runCells(
          server,
          folder,
          name,
          [`console.log("started"); ${source}`],
          { cellTimeout: 1 },
        );
        assert.deepEqual(lines, [
          `${join(folder, `${name}.ipynb`)}: cell 0: the cell did not end within 1 s`,
        ]);
        const [output] = notebook.cells[0]!.outputs!;
        assert.equal(output?.output_type === "stream" && output.text, "started\n");
        assert.ok(seconds < 20, `${name} took ${seconds} s`);
      }
    });

    await t.step("the limit of the whole run ends it", async () => {
      const { lines } = await runCells(server, folder, "long", ["while (true);"], { timeout: 2 });
      assert.match(lines[0]!, /long\.ipynb: cell 0: the run's limit of 2 s was reached$/);
    });

    await t.step("a kernel that dies ends the run", async () => {
      for (
        const [name, source] of [["exits", "Deno.exit(3)"], [
          "killed",
          "Deno.kill(Deno.pid, 'SIGKILL'); await new Promise(() => {});",
        ]] as const
      ) {
        const { lines, log } = await runCells(server, folder, name, [source], { cellTimeout: 30 });
        assert.match(lines[0]!, /cell 0: the kernel died/);
        assert.match(log, /the kernel died/);
      }
    });

    await t.step("a stop ends the run and saves what there is", async () => {
      const stop = new AbortController();
      const stopping = contentOf(join(folder, "seen.txt")).then(() =>
        stop.abort(new DOMException("SIGTERM", "AbortError"))
      );
      const { error, notebook } = await runCells(server, folder, "stopped", [
        "console.log('one')",
        "Deno.writeTextFileSync('seen.txt', 'yes'); while (true);",
      ], { signal: stop.signal });
      await stopping;
      assert.equal(error, "SIGTERM");
      assert.equal(notebook.cells[0]!.outputs?.length, 1);
    });

    await t.step("several notebooks at a time share the server, and all are reported", async () => {
      const paths = await Promise.all(
        ["a", "b", "c"].map((name) =>
          writeNotebook(folder, name, [name === "b" ? "throw 'no'" : `"${name}"`])
        ),
      );
      const lines: string[] = [];
      await assert.rejects(
        runNotebooks(paths, { out: join(folder, "jobs"), server: server.url, jobs: 3 }, {
          env: () => server.token,
          log: (line) => lines.push(line),
        }),
        /^RunError: 1 of 3 notebook\(s\) failed/,
      );
      assert.equal(lines.length, 3);
      assert.ok(lines.some((line) => /b\.ipynb: cell 0: .*no/.test(line)), lines.join("\n"));
      const { cells } = await readNotebook(join(folder, "jobs", "c.ipynb"));
      assert.equal(cells[0]!.outputs?.length, 1);
    });

    await t.step("a wrong token is told as such", async () => {
      const path = await writeNotebook(folder, "token", ["1"]);
      await assert.rejects(
        runNotebooks([path], { out: join(folder, "out"), server: server.url }, {
          env: () => "wrong",
        }),
        /^RunError: the Jupyter server http.* refuses the token in JUPYTER_TOKEN$/,
      );
    });

    await t.step("the command ends with 0, 1 or 2, and says why in a line", async () => {
      const good = await writeNotebook(folder, "good", ["1"]);
      const bad = await writeNotebook(folder, "bad", ["null.x"]);
      const cases: [path: string, code: number, last: RegExp][] = [
        [good, 0, /^.*good\.ipynb: 1 cells in .* s: .*$/],
        [bad, 1, /^run-notebook: 1 of 1 notebook\(s\) failed; see .*bad\.log$/],
        [join(folder, "none.ipynb"), 2, /^run-notebook: .*none\.ipynb: no such file$/],
      ];
      for (const [path, code, last] of cases) {
        const output = await new Deno.Command(Deno.execPath(), {
          args: [
            ...["run", "-RWESN", "--allow-run", "scripts/run_notebook.ts", path],
            ...["--server", server.url, "--out", join(folder, "command")],
          ],
          env: { JUPYTER_TOKEN: server.token, NO_COLOR: "1" },
        }).output();
        const stderr = new TextDecoder().decode(output.stderr).trim();
        assert.equal(output.code, code, stderr);
        assert.match(stderr.split("\n").at(-1)!, last);
        assert.doesNotMatch(stderr, /^\s+at /m);
      }
    });

    await t.step("no kernel is left on the server", async () => {
      assert.deepEqual(await kernelsOf(server), []);
    });
  });
});

Deno.test("outputs that a newer kernel sends after the end of their cell are all there", async () => {
  const kernels = await Deno.makeTempDir();
  const spec = join(kernels, "kernels", "late");
  await Deno.mkdir(spec, { recursive: true });
  await Deno.writeTextFile(
    join(spec, "kernel.json"),
    JSON.stringify({
      // The Deno that runs this test: 2.8 and later are late.
      argv: [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"],
      display_name: "late",
      language: "typescript",
      interrupt_mode: "message",
      env: { NO_COLOR: "1" },
    }),
  );
  Deno.env.set("JUPYTER_PATH", kernels);
  try {
    await withServer(async (server, folder) => {
      const cells = printing(40);
      const { notebook, error, log } = await runCells(server, folder, "late", cells, {
        kernel: "late",
      });
      assert.equal(error, undefined);
      assert.ok(log.includes(`Deno kernel ${Deno.version.deno}`), log);
      assertAllPrinted(notebook);
    });
  } finally {
    Deno.env.delete("JUPYTER_PATH");
    await Deno.remove(kernels, { recursive: true });
  }
});

Deno.test("a server that goes away ends the run, and its kernel is not left behind", async () => {
  await withServer(async (server, folder) => {
    const killing = contentOf(join(folder, "kernel.pid")).then((pid) => {
      Deno.kill(server.pid, "SIGKILL");
      return pid;
    });
    const { lines, log, seconds } = await runCells(server, folder, "gone", [
      "console.log('one')",
      "Deno.writeTextFileSync('kernel.pid', String(Deno.pid)); await new Promise(() => setInterval(() => {}, 1e6));",
    ], { cellTimeout: 120 });
    const kernel = await killing;
    assert.match(lines[0]!, /gone\.ipynb: cell 1: the Jupyter server does not answer any more$/);
    assert.match(log, /the Jupyter server does not answer any more/);
    assert.ok(seconds < 60, `took ${seconds} s`);
    await server.close();
    // An ended process that nobody has waited for yet has an empty command line.
    const command = await Deno.readTextFile(`/proc/${kernel}/cmdline`).catch(() => "");
    assert.equal(command, "");
  });
});

Deno.test("a server that is not there is told in one line", async () => {
  const folder = await Deno.makeTempDir();
  try {
    // A port that was free a moment ago.
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const path = await writeNotebook(folder, "nobody", ["1"]);
    const server = `http://127.0.0.1:${port}`;
    await assert.rejects(
      runNotebooks([path], { out: join(folder, "out"), server }, { env: () => undefined }),
      (error) => {
        assert.ok(error instanceof RunError);
        assert.match(error.message, /^the Jupyter server http:.*\/ does not answer: /);
        return true;
      },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("notebooks and parameters that cannot be used are refused before anything runs", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const cells = [{ source: "let n = 1;", tags: ["parameters"] }];
    const path = await writeNotebook(folder, "x", cells);
    await Deno.mkdir(join(folder, "other"));
    const twin = await writeNotebook(join(folder, "other"), "x", cells);
    const out = join(folder, "out");
    const cases: [string[], Parameters<typeof runNotebooks>[1], RegExp][] = [
      [[], {}, /no notebook was named/],
      [[join(folder, "none.ipynb")], { out }, /none\.ipynb: no such file/],
      [[path], { out, set: ["m=1"] }, /--set m: not declared .*x\.ipynb \(declared: n\)/],
      [[path], { out, set: ["n=one"] }, /--set n=one: the value is not JSON/],
      [[path, twin], { out }, /has the same name/],
      [[path], { out: folder }, /would overwrite the notebook itself/],
    ];
    for (const [paths, options, rule] of cases) {
      await assert.rejects(runNotebooks(paths, options), (error) => {
        assert.ok(error instanceof InputError, String(error));
        assert.match(error.message, rule);
        return true;
      });
    }
    await assert.rejects(Deno.stat(out), Deno.errors.NotFound);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an environment that cannot be made is told in one line", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await assert.rejects(
      ensureNotebookEnvironment({ dir, python: "no-such-python" }),
      (error) => {
        assert.ok(error instanceof RunError);
        assert.match(error.message, /^Notebooks need Python .* no-such-python was not found/);
        return true;
      },
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a stage's notes are no errors in a cell, and a frame is text in the log", () =>
  withServer(async (server, folder) => {
    const root = new URL("../../", import.meta.url).href;
    await Deno.copyFile(new URL("deno.json", root), join(folder, "deno.json"));
    const { notebook, log, error } = await runCells(server, folder, "notes", [
      `import { defaultContext } from "${root}lib/core/context.ts";\n` +
      'defaultContext().log("29 of 32 prompts kept");',
      'import pl from "npm:nodejs-polars@0.25.2";\n' +
      'pl.DataFrame({ name: ["a", "b"], score: [0.123456789, 2] })',
    ]);
    assert.equal(error, undefined);
    const [notes] = notebook.cells[0]!.outputs!;
    assert.deepEqual(notes, {
      output_type: "stream",
      name: "stdout",
      text: "29 of 32 prompts kept\n",
    });
    assert.match(log, /name {2}score\na {5}0\.1235\nb {5}2\n/);
  }));
