import { isUtf8 } from 'node:buffer';
import { Busboy } from '@fastify/busboy';
import { BadRequest } from '#server/errors.js';
import { SentFile } from '#server/lib/sent-file.js';

const MALFORMED = 'What was sent is malformed. Go back and try again.';
const MOST_PARTS = 20;
const LONGEST_NAME = 100;

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
    const form = busboyOf(type, { parts: MOST_PARTS, fileSize: bytes.length });
    form.on('file', (name: string | undefined, stream, filename: string | undefined, _encoding, mediaType) => {
      const parts: Buffer[] = [];
      // Of a part that ends too early the stream says so itself, beside the form: unheard, that would end the process.
      stream.on('error', refuse);
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const sent = Buffer.concat(parts);
        const isFile = filename !== undefined || mediaType === 'application/octet-stream';
        if (name === undefined || name.length > LONGEST_NAME || (!isFile && !isUtf8(sent))) refuse();
        // What a browser sends where no file was chosen is nothing.
        else add(name, isFile && (filename || sent.length > 0) ? new SentFile(sent) : sent.toString('utf8'));
      });
    });
    form.on('partsLimit', tooMany);
    form.on('error', refuse);
    form.on('finish', () => resolve());
    form.end(bytes);
    // All of it is there, so nothing is waited for: what has not come to its end in this turn never will.
    setImmediate(refuse);
  });
  return fields;
}

function busboyOf(type: string, limits: object): InstanceType<typeof Busboy> {
  try {
    // Each part as its bytes, whatever it says of itself: a text is UTF-8, or refused.
    return new Busboy({ headers: { 'content-type': type }, isPartAFile: () => true, limits });
  } catch {
    throw new BadRequest(MALFORMED);
  }
}
