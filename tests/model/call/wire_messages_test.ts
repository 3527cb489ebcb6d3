import assert from "node:assert/strict";
import { ModelError } from "../../../lib/core/errors.ts";
import type { Message } from "../../../lib/core/records.ts";
import { refuseTools } from "../../../lib/model/call/wire_messages.ts";
import type { ChatRequest } from "../../../lib/model/chat_model.ts";
import { completionsRequest } from "../../../lib/model/openai/completions.ts";
import { chatRequestFields, requestKey } from "../../../lib/model/request_key.ts";

const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];
const messages: Message[] = [
  { role: "user", content: "Hi" },
  {
    role: "assistant",
    content: "",
    tool_calls: [{ id: "c1", function: { name: "f", arguments: { x: [1, "é"] } } }],
  },
  { role: "tool", content: "2", tool_call_id: "c1" },
];
const request: ChatRequest = {
  ...{ id: "a", messages, tools, thinking: "none", maxTokens: 8, temperature: 0, topP: 1 },
  ...{ seed: 1, attempt: 0 },
};

Deno.test("calls of tools go to chat completions as its API has them, and none is asked for", () => {
  const body = completionsRequest(request, "m");
  assert.deepEqual(body.messages, [
    { role: "user", content: "Hi" },
    {
      role: "assistant",
      content: "",
      tool_calls: [{
        type: "function",
        id: "c1",
        function: { name: "f", arguments: '{"x":[1,"é"]}' },
      }],
    },
    { role: "tool", content: "2", tool_call_id: "c1" },
  ]);
  assert.deepEqual([body.tools, body.tool_choice], [tools, "none"]);
  const plain = completionsRequest({ ...request, tools: undefined }, "m");
  assert.equal("tools" in plain || "tool_choice" in plain, false);
});

Deno.test("an API that is asked in words alone rejects such a prompt by name", () => {
  const isReject = (error: unknown) =>
    error instanceof ModelError && error.kind === "reject" && error.reason === "tools_not_taken";
  assert.throws(() => refuseTools({ messages }, "gemini"), isReject);
  assert.throws(() => refuseTools({ messages: messages.slice(0, 1), tools }, "gemini"), isReject);
  refuseTools({ messages: messages.slice(0, 1) }, "gemini");
});

Deno.test("a request's key is of its tools and calls too, and without them as it was", () => {
  const key = (fields: Partial<ChatRequest>) =>
    requestKey(chatRequestFields({ ...request, ...fields }));
  const plain = { messages: messages.slice(0, 1) };
  assert.notEqual(key({}), key({ tools: undefined }));
  assert.notEqual(key({ tools: undefined }), key({ tools: undefined, ...plain }));
  const { tools: _, ...bare } = { ...request, ...plain };
  assert.equal(
    key({ tools: undefined, ...plain }),
    requestKey({ ...bare, messages: plain.messages } as never),
  );
});
