/** A disk of its own for a test: an ext4 in a file, whose power can be cut. Needs root. */
import { join } from "node:path";

/** EXT4_IOC_SHUTDOWN of the kernel's fs/ext4/ext4.h, and its flag: the journal is not flushed. */
const SHUTDOWN = 0x8004587dn, NO_LOG_FLUSH = 2;

/** A mounted disk. */
export interface LoopDisk {
  /** Where it is mounted. */
  path: string;
  /** Takes its power: from now on every operation fails, and what was not flushed is lost. */
  cutPower(): void;
  /** Makes it read-only as an error would, open files included. */
  goReadOnly(): Promise<void>;
  /** Mounts it anew, as the next start of the machine does. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Makes a disk of so many megabytes below `folder` and mounts it. */
export async function loopDisk(folder: string, megabytes: number): Promise<LoopDisk> {
  const image = join(folder, "disk.img"), path = join(folder, "disk");
  await Deno.writeFile(image, new Uint8Array());
  await Deno.truncate(image, megabytes << 20);
  await Deno.mkdir(path);
  await command("mkfs.ext4", "-q", "-F", image);
  const mount = () => command("mount", "-o", "loop", image, path);
  await mount();
  return {
    path,
    cutPower: () => shutDown(path),
    goReadOnly: () => command("mount", "-o", "remount,abort", path),
    async restart() {
      await unmount(path);
      await mount();
    },
    close: () => unmount(path),
  };
}

/** Why there are no such disks here; null where there are. */
export async function whyNoLoopDisk(): Promise<string | null> {
  const folder = await Deno.makeTempDir();
  try {
    const disk = await loopDisk(folder, 4);
    try {
      disk.cutPower();
      await disk.restart();
    } finally {
      await disk.close();
    }
    return null;
  } catch (error) {
    return `an ext4 in a file takes root, and a system that lets it (${
      String((error as Error).message).split("\n")[0]
    })`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function shutDown(path: string): void {
  const libc = Deno.dlopen("libc.so.6", {
    open: { parameters: ["buffer", "i32"], result: "i32" },
    ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  try {
    const fd = libc.symbols.open(new TextEncoder().encode(`${path}\0`), 0);
    const done = libc.symbols.ioctl(fd, SHUTDOWN, new Uint32Array([NO_LOG_FLUSH]));
    libc.symbols.close(fd);
    if (fd < 0 || done !== 0) throw new Error(`${path}: no EXT4_IOC_SHUTDOWN`);
  } finally {
    libc.close();
  }
}

/** Whoever was killed may hold its files a moment longer. */
async function unmount(path: string): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      return await command("umount", path);
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function command(name: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(name, { args }).output();
  if (success) return;
  throw new Error(`${name} ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}
