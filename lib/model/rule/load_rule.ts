/** The rules by name, each loaded when it is asked for: some bring megabytes along. */
import type { RuleName } from "./rule_names.ts";
import type { Rule } from "./verdict.ts";

const LOADERS: Record<RuleName, () => Promise<Rule>> = {
  exact: async () => (await import("./exact.ts")).exactRule,
  number: async () => (await import("./number.ts")).numberRule,
  math: async () => (await import("./math/math.ts")).mathRule,
  choice: async () => (await import("./choice.ts")).choiceRule,
  regex: async () => (await import("./regex.ts")).regexRule,
  json: async () => (await import("./json.ts")).jsonRule,
  ifeval: async () => {
    const { ifevalRule } = await import("./ifeval/ifeval.ts");
    const { eld } = await import("eld/extrasmall");
    return ifevalRule({ languageOf: (text) => eld.detect(text).language || undefined });
  },
  length: async () => (await import("./length.ts")).lengthRule,
};

/** A rule. Its verdicts are 0 or 1; what cannot be read is 0 and says why. */
export async function loadRule(name: RuleName): Promise<Rule> {
  return await LOADERS[name]();
}
