import assert from "node:assert/strict";
import { join } from "node:path";
import { promptId } from "../../lib/core/canonical.ts";
import { promptFault } from "../../lib/io/prompts/messages.ts";
import { type BadRow, isBadRow } from "../../lib/io/rows/bad_rows.ts";
import { promptOfRow, readPromptRows, readPrompts } from "../../lib/io/prompts/read_prompts.ts";
import { all, inTemp, put, refuses } from "./temp.ts";

const user = (content: string) => ({ role: "user" as const, content });
const assistant = (content: string) => ({ role: "assistant", content });
const prompt = (row: unknown, promptKey?: string) =>
  promptOfRow({ row, where: "f.jsonl:7", stem: "f" }, promptKey);
const throwsLine = (row: unknown, line: string, promptKey?: string) =>
  assert.throws(() => prompt(row, promptKey), {
    name: "InputError",
    message: `f.jsonl:7: ${line}`,
  });

Deno.test("the prompt is the first of messages, prompt, question and instruction that is there", () => {
  const row: Record<string, unknown> = {
    instruction: "d",
    question: "c",
    prompt: "b",
    messages: [user("a")],
  };
  for (const [field, text] of [["messages", "a"], ["prompt", "b"], ["question", "c"]] as const) {
    assert.deepEqual(prompt(row).messages, [user(text)]);
    row[field] = null;
  }
  assert.deepEqual(prompt(row).messages, [user("d")]);
});

Deno.test("a prompt may be messages, and its trailing assistant turns are dropped", () => {
  const turns = [{ role: "system", content: "s" }, user("a"), assistant("b"), user("c")];
  assert.deepEqual(prompt({ prompt: turns }).messages, turns);
  const answered = [...turns, assistant("d"), assistant("e")];
  assert.deepEqual(prompt({ messages: answered }).messages, turns);
  assert.equal(answered.length, 6, "the row is left as it was");
});

Deno.test("the prompt key wins, and only it is looked at", () => {
  assert.deepEqual(prompt({ prompt: "a", text: "b" }, "text").messages, [user("b")]);
  throwsLine({ prompt: "a" }, "no column text (--prompt-key); the row has prompt", "text");
});

Deno.test("human, gpt, model and developer get their usual roles, ShareGPT's fields too", () => {
  const chat = [
    { from: "developer", value: "s" },
    { from: "human", value: "a" },
    { from: "gpt", value: "b" },
    { role: "model", content: "c" },
    { role: "human", content: "d", extra: 1 },
  ];
  assert.deepEqual(prompt({ conversations: chat }, "conversations").messages, [
    { role: "system", content: "s" },
    user("a"),
    assistant("b"),
    assistant("c"),
    user("d"),
  ]);
});

Deno.test("an id is the row's as text, else the hash of the messages without the reply", () => {
  const hash = promptId([user("a")]);
  assert.equal(prompt({ id: "x", prompt: "a" }).id, "x");
  assert.equal(prompt({ id: 12, prompt: "a" }).id, "12");
  assert.equal(prompt({ id: 0, prompt: "a" }).id, "0");
  for (const id of [null, undefined, ""]) assert.equal(prompt({ id, prompt: "a" }).id, hash);
  assert.equal(prompt({ messages: [user("a"), assistant("b")] }).id, hash);
  throwsLine({ id: ["x"], prompt: "a" }, "id: must be text or a number");
  throwsLine({ id: true, prompt: "a" }, "id: must be text or a number");
});

Deno.test("a source is the row's, else the name of the file", () => {
  assert.equal(prompt({ prompt: "a", source: "wild" }).source, "wild");
  assert.equal(prompt({ prompt: "a", source: null }).source, "f");
  throwsLine({ prompt: "a", source: 3 }, "source: must be text");
});

Deno.test("rows of the wrong kind are refused in a line with place, field and rule", () => {
  throwsLine(["a"], "a row must be an object, not an array");
  throwsLine(null, "a row must be an object, not null");
  throwsLine("a", "a row must be an object, not text");
  throwsLine(
    { text: "a" },
    "no prompt: one of messages, prompt, question, instruction, conversations must be there; the row has text " +
      "(--prompt-key names the prompt's)",
  );
  throwsLine({ prompt: 3 }, "prompt: must be text or a list of messages, not a number");
  throwsLine({ prompt: { a: 1 } }, "prompt: must be text or a list of messages, not an object");
  throwsLine({ messages: [] }, "messages: must hold at least one message");
  throwsLine({ messages: ["a"] }, "messages[0]: must be a message with role and content, not text");
  throwsLine(
    { messages: [user("a"), { role: "robot", content: "b" }] },
    'messages[1].role: must be system, user, assistant or tool, not "robot"',
  );
  throwsLine(
    { messages: [{ role: "constructor", content: "b" }] },
    'messages[0].role: must be system, user, assistant or tool, not "constructor"',
  );
  throwsLine(
    { messages: [{ content: "b" }] },
    "messages[0].role: must be system, user, assistant or tool, not nothing",
  );
  throwsLine({ messages: [{ role: "user" }] }, "messages[0].content: must be text, not nothing");
  throwsLine(
    { messages: [assistant("b")] },
    "messages: there must be a user turn before the reply",
  );
  throwsLine(
    { messages: [{ role: "system", content: "s" }, assistant("b")] },
    "messages: there must be a user turn before the reply",
  );
});

Deno.test("half a surrogate pair and an empty text are yielded, and told by promptFault", () =>
  inTemp(async (dir) => {
    const path = await put(
      `${dir}/a.jsonl`,
      '{"prompt":"a \\ud800 b"}\n{"prompt":" \\n"}\n{"prompt":"😀"}\n',
    );
    const prompts = await all(readPrompts(path));
    assert.deepEqual(prompts.map(promptFault), ["invalid_unicode", "empty_prompt", null]);
    assert.equal(prompts[0]!.id.length, 16);
    assert.equal(
      promptFault({ id: "\udc00", source: "", messages: [user("a")] }),
      "invalid_unicode",
    );
  }));

Deno.test("prompts are read from files with their place, and stop at the first bad row", () =>
  inTemp(async (dir) => {
    const path = await put(`${dir}/wild.json`, [{ question: "a" }, { query: "b" }]);
    await refuses(readPrompts(path), `${path} row 2: no prompt`);
    const [first] = await all(readPrompts(await put(`${dir}/one.json`, [{ question: "a" }])));
    assert.equal(first!.source, "one");
    assert.equal(first!.where, `${dir}/one.json row 1`);
  }));

Deno.test("a prompt of 20 MB is read", () =>
  inTemp(async (dir) => {
    const long = "x".repeat(20_000_000);
    const [first] = await all(readPrompts(await put(`${dir}/a.jsonl`, { prompt: long })));
    assert.ok(first!.messages[0]!.content === long);
  }));

Deno.test("rows that are no prompt stand in their place, under an id that stays theirs", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "rows.jsonl");
    const bad = [
      '{"id":"tool","messages":[{"role":"tool","content":"x"}]}',
      '{"prompt":null}',
      "{",
    ];
    Deno.writeTextFileSync(
      path,
      ['{"id":"a","prompt":"A"}', ...bad, '{"id":"z","prompt":"Z"}']
        .join("\n") + "\n",
    );
    const rows = await Array.fromAsync(readPromptRows(path));
    assert.deepEqual(rows.map((row) => isBadRow(row)), [false, true, true, true, false]);
    assert.deepEqual([rows[0]!.id, rows[1]!.id, rows[4]!.id], ["a", "tool", "z"]);
    for (const row of rows.slice(2, 4)) assert.match(row.id, /^[0-9a-f]{16}$/);
    assert.match((rows[3] as BadRow).fault.detail, /rows\.jsonl:4: not JSON/);
    Deno.writeTextFileSync(path, bad.toReversed().join("\n") + "\n");
    const again = await Array.fromAsync(readPromptRows(path));
    assert.deepEqual(again.map(({ id }) => id), rows.slice(1, 4).reverse().map(({ id }) => id));
    await assert.rejects(Array.fromAsync(readPrompts(path)), /rows\.jsonl:1: not JSON/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
