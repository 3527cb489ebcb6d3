/** `init --recipe api-only` as it is made, before a scripted API and a hub on loopback. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder, runTask } from "../cli.ts";
import { makeBaseFolder } from "../base_folders.ts";
import { unless, whyNo } from "../installed.ts";
import { startScriptedProvider } from "../teacher/scripted_provider.ts";

const SHA = "0123456789abcdef0123456789abcdef01234567";

/** A hub that has the files of a folder under one name. */
async function startHub(repo: string, folder: string) {
  const names = [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile).map(({ name }) =>
    name
  );
  const files = new Map(
    await Promise.all(
      names.map(async (name) => [name, await Deno.readFile(join(folder, name))] as const),
    ),
  );
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === `/api/models/${repo}/revision/main`) {
      const siblings = [...files].map(([rfilename, { length: size }]) => ({ rfilename, size }));
      return Response.json({ sha: SHA, siblings });
    }
    const bytes = files.get(pathname.split(`/${repo}/resolve/${SHA}/`)[1] ?? "");
    return bytes ? new Response(bytes.slice()) : new Response("no", { status: 404 });
  });
}

/** A teacher, a policy and a judge, told apart by what they are asked. */
function reply(asked: string, count: number): string {
  if (asked.includes("<answer>")) {
    return JSON.stringify({ reason: "read", marks: { helpful: 1 + count % 5 } });
  }
  if (/<think>/.test(asked)) {
    return "<think>\nA short question, so a short answer.\n</think>\n<response>\nIt is so.\n</response>";
  }
  return `Answer ${count}.`;
}

Deno.test(
  unless(whyNo("bash"), "with an API key alone, the folder's script makes judged SFT and DPO data"),
  () =>
    inFolder(async (folder) => {
      const lab = join(folder, "lab"), script = join(lab, "run.sh");
      assert.equal((await runTask("init", [lab, "--recipe", "api-only"])).code, 0);
      let count = 0;
      const provider = await startScriptedProvider({
        latencyMs: 1,
        replyText: (asked) => reply(asked, count++),
      });
      const repo = "Qwen/Qwen2.5-7B-Instruct";
      await makeBaseFolder("qwen2", join(folder, "qwen"));
      const hub = await startHub(repo, join(folder, "qwen"));
      try {
        // What a user changes at the top of the script: where the API is.
        const text = await Deno.readTextFile(script);
        const server = `SERVER=(--base-url ${provider.url})`;
        await Deno.writeTextFile(script, text.replace(/^SERVER=\(\)/m, server));
        const bin = join(folder, "bin"), root = new URL("../../", import.meta.url).pathname;
        await Deno.mkdir(bin);
        const line = `exec '${Deno.execPath()}' task --quiet --config '${root}deno.json' "$@"`;
        await Deno.writeTextFile(join(bin, "thinkset"), `#!/bin/bash\n${line}\n`, { mode: 0o755 });
        const { INIT_CWD: _, ...env } = Deno.env.toObject();
        const { code, stderr } = await new Deno.Command("bash", {
          args: [script],
          clearEnv: true,
          env: {
            ...env,
            NO_COLOR: "1",
            PATH: `${bin}:${env.PATH}`,
            OPENAI_API_KEY: "sk-test",
            HF_ENDPOINT: `http://127.0.0.1:${hub.addr.port}`,
            HF_HOME: join(folder, "hf"),
            HF_HUB_OFFLINE: "0",
          },
          stdin: "null",
        }).output();
        assert.equal(code, 0, new TextDecoder().decode(stderr));
        const manifest = async (name: string) =>
          JSON.parse(await Deno.readTextFile(join(lab, "runs", name, "manifest.json")));
        const { identities, counts } = await manifest("dpo");
        assert.equal(identities.tokenizer[0].revision, SHA);
        assert.ok(counts.kept > 0);
        assert.equal((await manifest("sft")).counts.kept, 12);
        assert.ok((await Deno.stat(join(lab, "runs/report.html"))).isFile);
      } finally {
        await provider.close();
        await hub.shutdown();
      }
    }),
);
