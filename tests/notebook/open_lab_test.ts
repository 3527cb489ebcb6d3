import assert from "node:assert/strict";

Deno.test("the notebook task opens JupyterLab on loopback, and ends it with itself", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-RWES", "--allow-run", "scripts/notebook.ts", "--no-browser", "--port", "0"],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let said = "", url: string | undefined;
  try {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += text;
      url = said.match(/http:\/\/127\.0\.0\.1:\d+\/lab[^\s]*\?token=\w+/)?.[0];
      if (url !== undefined) break;
    }
    assert.ok(url, said);
    const page = await fetch(url);
    assert.match(await page.text(), /<title>JupyterLab<\/title>/);
  } finally {
    child.kill("SIGTERM");
  }
  assert.equal((await child.status).code, 143);
  await assert.rejects(fetch(url!), TypeError, "nobody listens any more");
});
