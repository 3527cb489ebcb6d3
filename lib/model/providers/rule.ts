/** Rules that compare an answer with a kept column. */
import { didYouMean } from "../../core/did_you_mean.ts";
import { InputError } from "../../core/errors.ts";
import { RULE_NAMES } from "../rule/rule_names.ts";
import type { Provider } from "./provider.ts";

export const rule: Provider = {
  name: "rule",
  rest: "NAME",
  about:
    `a rule that holds answers against the column \`--label-key\`: ${
      RULE_NAMES.join(", ")
    }; 1 is ` +
    "right, 0 is wrong or could not be read",
  async reward(given, { labelKey }) {
    const name = RULE_NAMES.find((each) => each === given);
    if (name === undefined) {
      const names = RULE_NAMES.join(", ");
      throw new InputError(
        `--reward-model rule/${given}: the rules are ${names}${didYouMean(given, RULE_NAMES)}`,
      );
    }
    if (labelKey === undefined && name !== "json" && name !== "ifeval") {
      throw new InputError(
        `--label-key COLUMN is needed with --reward-model rule/${name}: the column of the rows ` +
          `that it compares answers with`,
      );
    }
    const { ruleReward } = await import("../rule/rule_reward.ts");
    return ruleReward(name, { labelKey });
  },
};
