import { crc32, deflateSync } from 'node:zlib';

/** A part of a picture's file: its name, and what stands in it. */
export type Part = readonly [name: string, body: Uint8Array];

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A part as it stands in a PNG, with what proves it. */
export function partOfPng([name, body]: Part): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
  const bytes = Buffer.alloc(named.length + 8);
  bytes.writeUInt32BE(body.length, 0);
  named.copy(bytes, 4);
  bytes.writeUInt32BE(crc32(named), named.length + 4);
  return bytes;
}

/** A PNG of these parts. */
export function pngOf(parts: readonly Part[]): Buffer {
  return Buffer.concat([SIGNATURE, ...parts.map(partOfPng)]);
}

/** The names of the parts of a PNG. */
export function partsOfPng(bytes: Buffer): string[] {
  const names: string[] = [];
  for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at) + 12)
    names.push(bytes.toString('latin1', at + 4, at + 8));
  return names;
}

/** The header of a PNG, which is like most but for this. */
export function headerOf({ width = 40, height = 20, depth = 8, kind = 6, interlaced = 0 } = {}): Part {
  const body = Buffer.alloc(13);
  body.writeUInt32BE(width, 0);
  body.writeUInt32BE(height, 4);
  body.set([depth, kind, 0, 0, interlaced], 8);
  return ['IHDR', body];
}

/** Lines of pixels, packed; each is so many bytes, of which the first says how it was filtered. */
export function linesOf(line: number, height: number, filter = 0): Part {
  const lines = Buffer.alloc(line * height, 0x5a);
  for (let row = 0; row < height; row += 1) lines[row * line] = filter;
  return ['IDAT', deflateSync(lines)];
}

export const END: Part = ['IEND', Buffer.alloc(0)];

/** A sound PNG of 40 × 20, with these parts between. */
export function png(...more: readonly Part[]): Buffer {
  return pngOf([headerOf(), ...more, linesOf(161, 20), END]);
}

/** The parts of a WebP. */
export function partsOfWebp(bytes: Buffer): Part[] {
  const parts: Part[] = [];
  for (let at = 12; at < bytes.length;) {
    const length = bytes.readUInt32LE(at + 4);
    parts.push([bytes.toString('latin1', at, at + 4), bytes.subarray(at + 8, at + 8 + length)]);
    at += 8 + length + (length & 1);
  }
  return parts;
}

/** A WebP of these parts. */
export function webpOf(parts: readonly Part[]): Buffer {
  const written = parts.flatMap(([name, body]) => {
    const head = Buffer.alloc(8);
    head.write(name, 0, 'latin1');
    head.writeUInt32LE(body.length, 4);
    return [head, body, Buffer.alloc(body.length & 1)];
  });
  const bytes = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP', 'latin1'), ...written]);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  return bytes;
}

/** As Chromium writes them, of 64 × 24 pixels, with a profile of colours: lossy, the same with transparency, and lossless. */
export const WEBP = {
  lossy: Buffer.from(
    'UklGRgoDAABXRUJQVlA4WAoAAAAgAAAAPwAAFwAASUNDUMgBAAAAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADZWUDggHAEAAFAHAJ0BKkAAGAA+tUqfSqckIqGwG/gA4BaJbACdM8eOSQd57f0AC/CUMzLVOV+41hadjABcqQl8WjAEPYG+4qY4BIAA/vi5Nct/4BWDetF9t6UFi9nvScls3YWpL03B1xJFSTQX/vWpAtQid7+6q2s0YvpzCyFP7WyP+9Bu0VmwDn193/cdf+HlKWgZS/yG6nPC2k8n5/fcDZr55OJzuXZN+++H2dCeZgY7PwEDIhBnf2P+gBIf/jXhnM+yBAd7ur4S3vPoA/BvqkUWT1+ykZyiUXDBXamEvE/ToxrH5f7Cjd1gPTfzo5TdR1awNm+T8xCzL4C5bSRtDvTvEkrto7GTylNErFeeSgm1hMQAIMHptDIwYWtd2DikwAAA',
    'base64',
  ),
  clear: Buffer.from(
    'UklGRn4DAABXRUJQVlA4WAoAAAAwAAAAPwAAFwAASUNDUMgBAAAAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADZBTFBI4gAAAA2Au23b8VX881Oj7dnW9P2mbHvzZNtN35Sx2bZdo2u2udr19LxFxATAf6nnyenrwOHefP8BEyrZzvBZR1/qPFxySU+7EX4oE+sVfkTNsAF+btgQsfPd6x8JvpCUw2+1M+Mev6GZBL/nrHlKKpEIkNFwScgXMGXtuwl5oYDTGCEzHLs1QvI48neE2D9TRzmjtG6Gsk5pzAlljFKrixzCxRSl++p0hDIgzVtzv1raoPUYwuv+4jAOiF941xn+aCcSfiigAUdB/rEy3zzUtAGDd/kjTlJ9HTjcWxgGRvcH5vcOgUlWUDggpgAAAPAEAJ0BKkAAGAA+tUyiTScjoyIoGAqo4BaJagCsM2PCGKPhK3eX7KQCTAT4NqhkwAD+6sxRSn6v9cWdvV0KtHUkJ3Ma1NheH+r1vfJYbxOehXiPUh4+8R+MGENGNAN8qSV9ujul457W5Ngc/b4LJOJDJLjbMgPus2MD6/KV8RsBmpx+iCYE7gFupdudQP6Sj93Fc2HGKiYKygVATZE47kX3PyeAAAA=',
    'base64',
  ),
  lossless: Buffer.from(
    'UklGRigDAABXRUJQVlA4WAoAAAAwAAAAPwAAFwAASUNDUMgBAAAAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADZWUDhMOgEAAC8/wAUQJ8GojSRH1Zv3gB7/by4aaNu2DZN27P/fFmLcRpKiWoZAN/8v3RWjSJIUJyOX6ehHWi5OK0+tH7bLtN+XH1f5pbw+vez1aZflSb+RQyA4Nop3yAkfkcLGhE4EeAkMMwIpQCFLGaoQgVkiYCiAHEmSImmZmfkoXX8Zj9t67v4R/WfgtpGiLB1fjnp/AAAAAAAAAAAAjOeb08vLaTMbNTPVW78lSZK8rXoNtMExSb5PHAfV2+SW/Fxvkx+UkiRJkiRJfhP86tY6/O6zb9VlWSK0rMXXI7yUCD33ajItM5rWZFdmtK3JvczoXpPXMqPX/8S5zOhck23hJv/pQJ2nEqFHu+nvZlH5u93/7nOo9t1+k+tfftO5vidXLcpzq4Hg665+ys11u6Hcnn3N7fkQAAAAAOCv/DAA',
    'base64',
  ),
};
