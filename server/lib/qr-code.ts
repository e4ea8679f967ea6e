export interface QrCode {
  /** Modules to a side, the quiet zone included. */
  size: number;
  /** The dark modules as the `d` of one SVG path. */
  path: string;
}

const QUIET = 4;

/** Draws a text as a QR code, here and nowhere else: what it holds is a secret. The page makes the SVG of it. */
export async function drawQrCode(text: string): Promise<QrCode> {
  const { default: QRCode } = await import('qrcode');
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' });
  let path = '';
  for (let row = 0; row < modules.size; row += 1) {
    for (let column = 0; column < modules.size; column += 1) {
      if (!modules.get(row, column)) continue;
      let length = 1;
      while (column + length < modules.size && modules.get(row, column + length)) length += 1;
      path += `M${column + QUIET} ${row + QUIET}h${length}v1h-${length}z`;
      column += length;
    }
  }
  return { size: modules.size + 2 * QUIET, path };
}
