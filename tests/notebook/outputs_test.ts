import assert from "node:assert/strict";
import { OutputCollector } from "../../lib/notebook/outputs.ts";

const stream = (parent: string, text: string, name = "stdout") => ({
  type: "stream",
  parent,
  content: { name, text },
});
const display = (parent: string, text: string, id?: string, type = "display_data") => ({
  type,
  parent,
  content: {
    data: { "text/plain": text },
    metadata: {},
    ...(id ? { transient: { display_id: id } } : {}),
  },
});

Deno.test("an output that comes after its cell has ended goes to its own cell", () => {
  const collector = new OutputCollector();
  const first = collector.open("a"), second = collector.open("b");
  collector.take(stream("b", "two\n"));
  collector.take(stream("a", "one\n"));
  assert.deepEqual(first, [{ output_type: "stream", name: "stdout", text: "one\n" }]);
  assert.deepEqual(second, [{ output_type: "stream", name: "stdout", text: "two\n" }]);
  assert.equal(collector.take(stream("another client", "x")), false);
});

Deno.test("pieces of one stream are joined, and streams are kept apart", () => {
  const collector = new OutputCollector();
  const outputs = collector.open("a");
  for (const [text, name] of [["1", "stdout"], ["2", "stdout"], ["e", "stderr"], ["3", "stdout"]]) {
    collector.take(stream("a", text!, name));
  }
  assert.deepEqual(outputs.map((output) => output.output_type === "stream" && output.text), [
    "12",
    "e",
    "3",
  ]);
});

Deno.test("an update changes every display of its id, in earlier cells too", () => {
  const collector = new OutputCollector();
  const first = collector.open("a"), second = collector.open("b");
  collector.take(display("a", "0%", "bar"));
  collector.take(display("b", "0%", "bar"));
  collector.take(display("b", "0%", "other"));
  collector.take(display("b", "100%", "bar", "update_display_data"));
  const texts = [...first, ...second].map((output) =>
    output.output_type === "display_data" && output.data["text/plain"]
  );
  assert.deepEqual(texts, ["100%", "100%", "0%"]);
});

Deno.test("clear_output empties the cell at once, or at its next output when it waits", () => {
  const collector = new OutputCollector();
  const outputs = collector.open("a");
  const clear = (wait: boolean) =>
    collector.take({ type: "clear_output", parent: "a", content: { wait } });
  collector.take(stream("a", "1"));
  clear(true);
  assert.equal(outputs.length, 1);
  collector.take(stream("a", "2"));
  assert.deepEqual(outputs, [{ output_type: "stream", name: "stdout", text: "2" }]);
  clear(false);
  assert.deepEqual(outputs, []);
});

Deno.test("a result keeps its count, and an error its traceback", () => {
  const collector = new OutputCollector();
  const outputs = collector.open("a");
  collector.take({
    type: "execute_result",
    parent: "a",
    content: { data: { "text/plain": "1" }, metadata: {}, execution_count: 7 },
  });
  collector.take({
    type: "error",
    parent: "a",
    content: { ename: "TypeError", evalue: "no", traceback: ["at x"] },
  });
  assert.deepEqual(outputs, [
    {
      output_type: "execute_result",
      data: { "text/plain": "1" },
      metadata: {},
      execution_count: 7,
    },
    { output_type: "error", ename: "TypeError", evalue: "no", traceback: ["at x"] },
  ]);
});
