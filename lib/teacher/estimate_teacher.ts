/** What a teacher run would cost, before anything is sent. */
import type { StageContext } from "../core/context.ts";
import type { Prompt } from "../core/records.ts";
import { instructed } from "../model/call/instruction.ts";
import { checkProviderLimits } from "../model/open.ts";
import type { ChatRequest, Thinking } from "../model/chat_model.ts";
import { type CostEstimate, estimateCost } from "../model/paid/estimate.ts";
import { promptRows } from "../run/record_run.ts";
import { otherLanguage, userText } from "./language.ts";
import type { TeacherSettings } from "./teacher_options.ts";

/** Completion tokens of a reply where none is known: short chats, planned or not. */
const ASSUMED: Record<Thinking, number> = {
  simulated: 1_200,
  structured: 1_200,
  native: 2_500,
  none: 600,
};

/** Estimates what `sampleTeacher` with the same options would cost. Throws `InputError`. */
export async function estimateTeacher(
  options: TeacherSettings,
  context: StageContext,
): Promise<CostEstimate> {
  checkProviderLimits(options);
  const { model, language, thinking, maxTokens } = options;
  const isOther = ({ messages }: Prompt) =>
    language !== "any" && otherLanguage(userText(messages), language) !== null;
  return await estimateCost({
    ...{ model, options, where: [options.prompts].flat()[0]! },
    ...promptRows(options),
    requests: (prompt) => isOther(prompt) ? [] : [requestFor(prompt, options)],
    assumed: Math.min(ASSUMED[thinking], maxTokens),
  }, context);
}

function requestFor({ id, messages }: Prompt, options: TeacherSettings): ChatRequest {
  const { thinking, maxTokens, temperature, topP, seed, thinkingBudget } = options;
  const asked = instructed(messages, thinking);
  const sampling = { maxTokens, temperature, topP, seed, thinkingBudget, attempt: 0 };
  return { id, messages: asked, thinking, ...sampling };
}
