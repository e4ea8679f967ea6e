import { isUtf8 } from 'node:buffer';
import { Busboy } from '@fastify/busboy';
import { BadRequest } from '#server/errors.js';
import { SentFile } from '#server/lib/sent-file.js';

const MALFORMED = 'What was sent is malformed. Go back and try again.';
const MOST_PARTS = 20;

/** The fields and files of a multipart form, as those of any other: a name that comes twice is a list. */
export async function parseMultipart(type: string, bytes: Buffer): Promise<Record<string, unknown>> {
  const fields = Object.create(null) as Record<string, unknown>;
  const add = (name: string, value: unknown): void => {
    fields[name] = name in fields ? [fields[name], value].flat() : value;
  };
  await new Promise<void>((resolve, reject) => {
    const refuse = (): void => reject(new BadRequest(MALFORMED));
    const tooMany = (): void =>
      reject(new BadRequest('What was sent has too many fields. Send less.', 413, 'too_large'));
    const limits = { parts: MOST_PARTS, fieldSize: bytes.length, fileSize: bytes.length, fieldNameSize: 100 };
    const form = busboyOf(type, limits);
    form.on('field', (name, value, nameTruncated) => {
      const sent = Buffer.from(value, 'latin1');
      if (nameTruncated || !isUtf8(sent)) refuse();
      else add(name, sent.toString('utf8'));
    });
    form.on('file', (name, stream, filename) => {
      const parts: Buffer[] = [];
      // Of a file that ends too early the stream says so itself, beside the form: unheard, that would end the process.
      stream.on('error', refuse);
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const sent = Buffer.concat(parts);
        // What a browser sends where no file was chosen.
        add(name, sent.length === 0 && !filename ? '' : new SentFile(sent));
      });
    });
    form.on('partsLimit', tooMany);
    form.on('error', refuse);
    form.on('finish', () => resolve());
    form.end(bytes);
  });
  return fields;
}

function busboyOf(type: string, limits: object): InstanceType<typeof Busboy> {
  try {
    // As bytes, so that what is no UTF-8 is told from what is.
    return new Busboy({ headers: { 'content-type': type }, defCharset: 'latin1', limits });
  } catch {
    throw new BadRequest(MALFORMED);
  }
}
