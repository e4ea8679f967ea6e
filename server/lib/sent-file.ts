import { createHash } from 'node:crypto';

/** A file that came with a form: held in memory, and nowhere else. */
export class SentFile {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** What stands for it where forms are compared: two are the same when what is in them is. */
  toJSON(): { sha256: string } {
    return { sha256: createHash('sha256').update(this.bytes).digest('base64url') };
  }
}
