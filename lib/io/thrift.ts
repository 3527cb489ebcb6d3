/** Thrift's compact protocol, as much of it as a Parquet file's metadata needs. */

/** A value that knows how it is written. */
export interface Thrift {
  /** The protocol's number of the type. */
  type: number;
  write: (out: number[]) => void;
}

/** A whole number of 32 bits, or an enum's. */
export function i32(value: number): Thrift {
  return { type: 5, write: (out) => varint(out, zigzag(value)) };
}

/** A whole number that a JavaScript number holds exactly. */
export function i64(value: number): Thrift {
  return { type: 6, write: (out) => varint(out, zigzag(value)) };
}

/** Text. */
export function text(value: string): Thrift {
  return {
    type: 8,
    write: (out) => {
      const bytes = encoder.encode(value);
      varint(out, bytes.length);
      for (const byte of bytes) out.push(byte);
    },
  };
}

/** Values of one type; there must be at least one. */
export function list(items: readonly Thrift[]): Thrift {
  return {
    type: 9,
    write: (out) => {
      const { type } = items[0]!;
      if (items.length < 15) out.push(items.length << 4 | type);
      else {
        out.push(0xf0 | type);
        varint(out, items.length);
      }
      for (const item of items) item.write(out);
    },
  };
}

/** Fields by their numbers, which must rise; those that are undefined are left out. */
export function struct(fields: Readonly<Record<number, Thrift | undefined>>): Thrift {
  return {
    type: 12,
    write: (out) => {
      let last = 0;
      for (const [key, value] of Object.entries(fields)) {
        if (value === undefined) continue;
        const id = Number(key);
        out.push(id - last << 4 | value.type);
        value.write(out);
        last = id;
      }
      out.push(0);
    },
  };
}

/** A value's bytes. */
export function thriftBytes(value: Thrift): Uint8Array {
  const out: number[] = [];
  value.write(out);
  return Uint8Array.from(out);
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

/** Seven bits a byte, least significant first. */
export function varint(out: number[], value: number): void {
  for (; value >= 128; value = Math.floor(value / 128)) out.push(value % 128 | 128);
  out.push(value);
}

const encoder = new TextEncoder();
