// What the runtime itself can do: plain fetch, N in flight, nothing kept. For teacher.ts.
const [url, prompts, inFlight] = [Deno.args[0]!, Deno.args[1]!, Number(Deno.args[2])];
const rows = (await Deno.readTextFile(prompts)).trim().split("\n").map((line) => JSON.parse(line));
const headers = { "content-type": "application/json", authorization: "Bearer none" };

async function work(): Promise<void> {
  for (let row = rows.pop(); row !== undefined; row = rows.pop()) {
    const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: row.prompt }] });
    await (await fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body })).json();
  }
}

await Promise.all(Array.from({ length: inFlight }, work));
