/** A provider as somebody would add one: Acme's chat API, which has a quirk, and its scores. */
import { z } from "zod";
import { ModelError } from "../lib/core/errors.ts";
import type { Body } from "../lib/model/call/refused_parameters.ts";
import type { RewardModel } from "../lib/model/reward_model.ts";
import { ServerClient } from "../lib/model/server/server_client.ts";
import { checkTemperature, type Provider } from "../lib/model/providers/provider.ts";
import { openaiTeacher } from "../lib/model/providers/openai.ts";

const ADDRESS = "https://api.acme.example/v1";

/** Acme's limit of tokens goes by a name of its own, and it draws without a seed. */
function asAcmeWants({ max_tokens, seed: _, ...body }: Body): Body {
  return { ...body, max_output_tokens: max_tokens };
}

const Scores = z.object({ results: z.array(z.object({ score: z.number() })) });

export const acme: Provider = {
  name: "acme",
  rest: "NAME",
  about: "Acme's chat models and scores. Its key is in ACME_API_KEY",
  remote: true,
  paid: true,
  policyByChat: true,
  checkLimits: (options) => checkTemperature(options, 1),
  teacher: (name, options, context) => {
    const server = { keyName: "ACME_API_KEY", address: ADDRESS, bodyFor: asAcmeWants };
    return openaiTeacher(name, options, server, context);
  },
  reward(name, { baseUrl: [address = ADDRESS] }, context): Promise<RewardModel> {
    const client = new ServerClient("ACME_API_KEY", context);
    return Promise.resolve({
      name,
      concurrency: 16,
      async score(items, { signal }) {
        const input = items.map(({ prompt, answer }) => ({ prompt, answer }));
        const body = await client.post(address, "/scores", { model: name, input }, { signal });
        const read = Scores.safeParse(body);
        if (!read.success || read.data.results.length !== items.length) {
          throw new ModelError("retry", `${address}/scores: not a score for each answer`);
        }
        return read.data.results.map(({ score }) => ({ score, truncated: false }));
      },
      close: () => Promise.resolve(),
    });
  },
};
