/** The texts that a record is made of: by them a repeated one is known. */
import type {
  Message,
  PolicyRecord,
  ScoredRecord,
  TeacherRecord,
  Tools,
} from "../../core/records.ts";

/** The texts that are all of a record; replies' scores and lengths stand for their texts. */
export function recordTexts(
  { prompt, tools, responses }: PolicyRecord | ScoredRecord,
): string[] {
  const replies = responses.map((reply) => {
    const score = "score" in reply ? reply.score : null;
    return `${score},${reply.text.length},${reply.thought?.length},${reply.answer?.length}`;
  });
  return [...promptTexts(prompt, tools), replies.join(";")];
}

function promptTexts(prompt: readonly Message[], tools?: Tools): string[] {
  const texts = prompt.flatMap(({ role, content, tool_calls, tool_call_id, name }) => {
    const called = tool_calls ?? tool_call_id ?? name;
    return called === undefined
      ? [role, content]
      : [role, content, JSON.stringify([tool_calls, tool_call_id, name])];
  });
  return tools === undefined ? texts : [...texts, JSON.stringify(tools)];
}

/** All texts of a teacher's record that a row is made of. */
export function teacherTexts(
  { messages, tools, thought, response, tool_calls }: TeacherRecord,
): string[] {
  const texts = [...promptTexts(messages, tools), response];
  if (thought !== null) texts.push(thought);
  if (tool_calls !== undefined) texts.push(JSON.stringify(tool_calls));
  return texts;
}
