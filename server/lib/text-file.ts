import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';

/** What a file of text says, and how it is written. */
export interface TextFile {
  text: string;
  encoding: 'UTF-8' | 'UTF-16' | 'Windows-1252';
}

/** Reads a file of text, however the program that wrote it does so; null for what is no text. */
export function readTextFile(bytes: Buffer): TextFile | null {
  const encoding = encodingOf(bytes);
  const text = iconv.decode(bytes, encoding, { stripBOM: true });
  // No text has this, and most of what is none does.
  if (text.includes('\0')) return null;
  return { text, encoding: encoding === 'UTF-8' || encoding === 'Windows-1252' ? encoding : 'UTF-16' };
}

function encodingOf(bytes: Buffer): 'UTF-8' | 'UTF-16LE' | 'UTF-16BE' | 'Windows-1252' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'UTF-16LE';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'UTF-16BE';
  // The names of columns are Latin letters: of each pair of bytes one is nothing.
  if (bytes[0] !== 0 && bytes[1] === 0) return 'UTF-16LE';
  if (bytes[0] === 0 && bytes[1] !== 0) return 'UTF-16BE';
  return isUtf8(bytes) ? 'UTF-8' : 'Windows-1252';
}
