/** A completion server as a program: MODEL PORT PIDFILE. */
import { ScriptedServer } from "../model/vllm/scripted_server.ts";

const [model, port, pidFile] = Deno.args as [string, string, string];
Deno.writeTextFileSync(pidFile, String(Deno.pid));
const writes = () => " a thought </think>\n<response> here </response> and more";
new ScriptedServer({ model, writes }, Number(port));
