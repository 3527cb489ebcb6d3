/** A real SLURM of one node on loopback, as root: controller, node daemon, munge, all in one folder. */
import { join } from "node:path";
import { whyNo } from "../installed.ts";
import { freePort } from "../free_port.ts";

/** The programs that Debian's slurm-wlm and munge bring. */
const PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel"];

/** Why no SLURM can be brought up here, or null. */
export function whyNoSlurm(): string | null {
  if (Deno.build.os !== "linux") return "not Linux";
  if (Deno.uid() !== 0) return "not root";
  const missing = whyNo(PROGRAMS, ["/usr/sbin", "/usr/bin", "/sbin"]);
  return missing === null ? null : `${missing} (apt-get install slurm-wlm munge)`;
}

/** A running SLURM. */
export interface SlurmNode {
  /** To be in the environment of every SLURM command. */
  env: { SLURM_CONF: string };
  run(command: string, ...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Brings a SLURM up in a folder; takes about a second. */
export async function startSlurm(folder: string): Promise<SlurmNode> {
  const conf = join(folder, "slurm.conf");
  const env = { SLURM_CONF: conf };
  const run = async (command: string, ...args: string[]) => {
    const path = `/usr/sbin:/sbin:${Deno.env.get("PATH")}`;
    const result = await new Deno.Command("env", {
      args: [`PATH=${path}`, command, ...args],
      env,
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(result.stdout);
    if (result.success) return text.trim();
    throw new Error(`${command} ${args.join(" ")}: ${new TextDecoder().decode(result.stderr)}`);
  };
  const host = (await run("hostname", "-s")).trim();
  for (const name of ["state", "spool", "log", "munge"]) {
    Deno.mkdirSync(join(folder, name), { recursive: true, mode: 0o755 });
  }
  const key = join(folder, "munge/key");
  Deno.writeFileSync(key, crypto.getRandomValues(new Uint8Array(128)), { mode: 0o400 });
  await run(
    "munged",
    "--force",
    `--key-file=${key}`,
    `--socket=${folder}/munge/socket`,
    `--pid-file=${folder}/munge/pid`,
    `--log-file=${folder}/munge/log`,
    `--seed-file=${folder}/munge/seed`,
  );
  Deno.writeTextFileSync(conf, configuration(folder, host, freePort(), freePort()));
  await run("slurmctld", "-c", "-f", conf);
  await run("slurmd", "-c", "-f", conf, "-N", host);
  const node: SlurmNode = { env, run, stop: () => stop(folder, run) };
  for (let tries = 0; await run("sinfo", "-h", "-o", "%T").catch(() => "") !== "idle"; tries++) {
    // Half a minute and more: a busy machine takes its time.
    if (tries > 400) {
      await node.stop();
      throw new Error(Deno.readTextFileSync(join(folder, "log/slurmctld")));
    }
    await pause(100);
  }
  return node;
}

/** Jobs are cancelled first: the node's daemon outlives SIGTERM while one still runs. */
async function stop(folder: string, run: SlurmNode["run"]): Promise<void> {
  await run("scancel", "-u", "root").catch(() => {});
  for (let tries = 0; tries < 100; tries++) {
    if (await run("squeue", "-h").catch(() => "") === "") break;
    await pause(100);
  }
  const pids: number[] = [];
  for (const file of ["slurmd.pid", "slurmctld.pid", "munge/pid"]) {
    if (exists(join(folder, file))) pids.push(Number(Deno.readTextFileSync(join(folder, file))));
  }
  for (const pid of pids) {
    if (pid > 0) Deno.kill(pid, "SIGTERM");
  }
  for (let tries = 0; tries < 100 && pids.some((pid) => exists(`/proc/${pid}`)); tries++) {
    await pause(50);
  }
}

function configuration(folder: string, host: string, ctldPort: number, nodePort: number): string {
  return `
ClusterName=one
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# A credential's age holds a requeue back: seconds, not the two minutes of the default.
AuthInfo=socket=${folder}/munge/socket,cred_expire=5
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmctldPort=${ctldPort}
SlurmdPort=${nodePort}
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/log/slurmctld
SlurmdLogFile=${folder}/log/slurmd
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1,sched_min_interval=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
KillWait=5
JobRequeue=1
InactiveLimit=0
# More processors than there are: the tasks of an array run side by side.
SlurmdParameters=config_overrides
NodeName=${host} NodeAddr=127.0.0.1 CPUs=16 RealMemory=8000 State=UNKNOWN
PartitionName=all Nodes=${host} Default=YES MaxTime=INFINITE State=UP
`;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
