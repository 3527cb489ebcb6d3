/** Turns of a chat, with the calls of tools in them. */
import { z } from "zod";

/** Who speaks. */
export const Role: z.ZodEnum<
  { system: "system"; user: "user"; assistant: "assistant"; tool: "tool" }
> = z.enum(["system", "user", "assistant", "tool"]);

/** A call of a tool, as chat templates and OpenAI's API know it. */
export const ToolCall = z.object({
  id: z.string().optional().describe("names the call; the tool's turn answers by it"),
  type: z.string().optional().describe("`function`"),
  function: z.object({
    name: z.string().describe("the tool that is called"),
    arguments: z.record(z.string(), z.json()).describe("its arguments, by name"),
  }).catchall(z.json()).describe("what is called"),
}).catchall(z.json());
/** @internal */
export type ToolCall = z.infer<typeof ToolCall>;

/** One turn of a chat. */
export const Message = z.object({
  role: Role.describe("who speaks"),
  content: z.string().describe("what is said"),
  tool_calls: z.array(ToolCall).min(1).optional().describe("tools that an assistant's turn calls"),
  tool_call_id: z.string().optional().describe("the call that a tool's turn answers"),
  name: z.string().optional().describe("of a tool's turn, the tool"),
});
/** @internal */
export type Message = z.infer<typeof Message>;

/** Tools that a prompt offers, each as JSON Schema in the form that chat templates take. */
export const Tools = z.array(z.record(z.string(), z.json())).min(1);
/** @internal */
export type Tools = z.infer<typeof Tools>;
