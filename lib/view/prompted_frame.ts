/** A prompted model as a frame. */
import pl from "nodejs-polars";
import type { DataFrame } from "../core/frame.ts";

/** One row: where the model is, its family, its EOS, and the chat template it was given. */
export function promptedFrame(
  model: { out: string; modelType: string; eosToken: string; eosTokenId: number; template: string },
): DataFrame {
  return pl.DataFrame([
    pl.Series("out", [model.out], pl.Utf8),
    pl.Series("model_type", [model.modelType], pl.Utf8),
    pl.Series("eos_token", [model.eosToken], pl.Utf8),
    pl.Series("eos_token_id", [model.eosTokenId], pl.Int32),
    pl.Series("template", [model.template], pl.Utf8),
  ]);
}
