import { isPng, readPng } from './png.js';
import { UnfitPicture, type Picture } from './unfit-picture.js';
import { isWebp, readWebp } from './webp.js';

/** The most that a picture may have, in bytes. */
const MOST_BYTES = 64 * 1024;

/** Reads a picture by what it is and not by what it is called, and gives it as it is kept; throws UnfitPicture. */
export async function readPicture(bytes: Buffer): Promise<Picture> {
  if (bytes.length > MOST_BYTES)
    throw new UnfitPicture(
      `A picture has at most 64 kB, and this one ${Math.ceil(bytes.length / 1024)}. Make it smaller, or save it with fewer colours.`,
    );
  if (isPng(bytes)) return readPng(bytes);
  if (isWebp(bytes)) return readWebp(bytes);
  throw new UnfitPicture('Choose a PNG or a WebP file. Save what is an SVG, a JPEG or a GIF as one of these.');
}
