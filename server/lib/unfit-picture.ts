/** Why a picture is not taken, in words for whoever sent it. */
export class UnfitPicture extends Error {}

export const DAMAGED = 'This picture is damaged, or has something behind its end. Save it anew as PNG or WebP.';
export const MOVING = 'This picture moves. Save a single picture of it.';

/** A picture that holds what it shows, and nothing else. */
export interface Picture {
  type: 'png' | 'webp';
  width: number;
  height: number;
  bytes: Buffer;
}

const LEAST = 16;
const MOST = 1024;

/** Refuses what is too small to be seen, and what is so large that a few bytes would fill a browser's memory. */
export function refuseSize(width: number, height: number): void {
  const fits = (pixels: number): boolean => pixels >= LEAST && pixels <= MOST;
  if (!fits(width) || !fits(height))
    throw new UnfitPicture(
      `A picture is ${LEAST} to ${MOST} pixels wide and high, and this one ${width} × ${height}. Save it in another size.`,
    );
}
