import assert from 'node:assert/strict';
import QRCode from 'qrcode';
import speakeasy from 'speakeasy';
import { drawQrCode } from '#server/lib/qr-code.js';
import { newTotpSecret, otpauthUrl, totpCode, totpStep } from '#server/lib/totp.js';

/** "12345678901234567890", the secret of the standards' tables, in base32. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const STEP = 30_000;
const NOW = 1_700_000_000_000 - (1_700_000_000_000 % STEP) + STEP / 2;
const NOW_STEP = Math.floor(NOW / STEP);

describe('Codes of an authenticator app', () => {
  it('are those of RFC 4226, appendix D', () => {
    const table = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'];
    table.forEach((code, counter) => assert.equal(totpCode(SECRET, counter), code));
  });

  it('are those of RFC 6238, appendix B, SHA-1, to the last six of its eight digits', () => {
    const table: [seconds: number, code: string][] = [
      [59, '94287082'],
      [1_111_111_109, '07081804'],
      [1_111_111_111, '14050471'],
      [1_234_567_890, '89005924'],
      [2_000_000_000, '69279037'],
      [20_000_000_000, '65353130'],
    ];
    for (const [seconds, code] of table) {
      const step = Math.floor(seconds / 30);
      assert.equal(totpCode(SECRET, step), code.slice(-6));
      assert.equal(totpStep(SECRET, code.slice(-6), seconds * 1000), step);
    }
  });

  it('are taken for exactly one step before, now, and one step after', () => {
    const taken = [];
    for (let away = -12; away <= 12; away += 1) {
      if (totpStep(SECRET, totpCode(SECRET, NOW_STEP + away), NOW) === NOW_STEP + away) taken.push(away);
    }
    assert.deepEqual(taken, [-1, 0, 1]);
  });

  it('are taken through the whole of their step, and not a moment longer than one step around it', () => {
    const code = totpCode(SECRET, NOW_STEP);
    const begin = NOW_STEP * STEP;
    assert.equal(totpStep(SECRET, code, begin - STEP), NOW_STEP);
    assert.equal(totpStep(SECRET, code, begin - STEP - 1), null);
    assert.equal(totpStep(SECRET, code, begin + 2 * STEP - 1), NOW_STEP);
    assert.equal(totpStep(SECRET, code, begin + 2 * STEP), null);
  });

  it('are six digits and nothing that merely reads like them, though the library would take it', () => {
    const { secret, now, code } = codeWithLeadingZero();
    const alike = [
      `${code.slice(0, 5)}x`,
      ` ${code.slice(1)}`,
      `+${code.slice(1)}`,
      code.slice(1),
      `${code} `,
      `${code}\n`,
      `0${code}`,
      `${code}0`,
      code.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
      '',
      '0x1234',
      '1e5',
      '-00001',
    ];
    for (const typed of alike) assert.equal(totpStep(secret, typed, now), null, JSON.stringify(typed));
    for (const given of [[code], { toString: () => code }, Number(code), null, undefined, true])
      assert.equal(totpStep(secret, given, now), null);
    assert.equal(totpStep(secret, code, now), Math.floor(now / STEP));
  });

  it('exist for no secret that is empty, missing or broken, though the library has one code for them all', () => {
    const broken = [
      '',
      'A',
      'ABC',
      SECRET.toLowerCase(),
      `${SECRET.slice(0, 31)}1`,
      ` ${SECRET}`,
      `${SECRET}=`,
      null,
      undefined,
      7,
    ] as unknown as string[];
    for (const secret of broken) {
      assert.throws(() => totpCode(secret, NOW_STEP), /not a TOTP secret/, JSON.stringify(secret));
      const computable = speakeasy.hotp({ secret: '', encoding: 'base32', counter: NOW_STEP });
      assert.throws(() => totpStep(secret, computable, NOW), /not a TOTP secret/, JSON.stringify(secret));
    }
  });
});

describe('Secrets of an authenticator app', () => {
  it('are 160 bits in base32, each one new, every letter as likely as the other', () => {
    const secrets = Array.from({ length: 400 }, newTotpSecret);
    for (const secret of secrets) assert.match(secret, /^[A-Z2-7]{32}$/);
    assert.equal(new Set(secrets).size, secrets.length);
    const counts = new Map<string, number>();
    for (const letter of secrets.join('')) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    assert.equal(counts.size, 32);
    for (const [letter, count] of counts)
      assert.ok(count > 280 && count < 520, `${letter} came ${count} times of about 400`);
  });

  it('are told to the app with issuer and account, as its format wants them', () => {
    const url = new URL(otpauthUrl(SECRET, 'Gatehouse Acme', 'uma'));
    assert.equal(url.href, `otpauth://totp/Gatehouse%20Acme:uma?secret=${SECRET}&issuer=Gatehouse%20Acme`);
  });

  it('are cut to what apps read, never behind a space', () => {
    for (let length = 90; length < 125; length += 1) {
      const text = otpauthUrl(
        SECRET,
        `${'x'.repeat(length)} and more of the name`,
        `${'y'.repeat(length)} z z z z z z z`,
      );
      assert.doesNotMatch(text, /%20(:|&|\?)/, text);
    }
  });

  it('stay the only secret of the address, whatever organisation and user are called', () => {
    const hostile = [
      'a:b',
      '?secret=AAAA&issuer=evil#',
      '/../&amp;"<script>',
      '%00%3A',
      'x\ud800y',
      '株式会社'.repeat(25),
      '🏢'.repeat(50),
      ' : ',
    ];
    for (const name of hostile) {
      const text = otpauthUrl(SECRET, `Gatehouse ${name}`, name);
      const url = new URL(text);
      assert.deepEqual(url.searchParams.getAll('secret'), [SECRET], name);
      assert.equal(url.searchParams.getAll('issuer').length, 1, name);
      assert.equal(url.hash, '', name);
      const [issuer, ...account] = url.pathname.replace(/^\/+(totp\/)?/, '').split(':');
      assert.equal(decodeURIComponent(issuer ?? ''), url.searchParams.get('issuer'), name);
      assert.equal(account.length, 1, name);
    }
  });

  it('fit a QR code that a camera can read, however long the names are', async () => {
    const url = otpauthUrl(SECRET, `Gatehouse ${'株'.repeat(100)}`, '株'.repeat(64));
    assert.ok(url.length <= 512, `${url.length} characters`);
    const { size } = await drawQrCode(url);
    assert.ok(size <= 101, `${size} modules`);
  });
});

describe('The QR code', () => {
  it('holds the address and nothing else, with the quiet zone that readers need', async () => {
    const url = otpauthUrl(SECRET, 'Gatehouse Acme', 'uma');
    const { size, path } = await drawQrCode(url);
    const { modules } = QRCode.create(url, { errorCorrectionLevel: 'M' });
    assert.equal(size, modules.size + 8);
    const drawn = rasterise(path, size);
    for (let row = 0; row < size; row += 1) {
      for (let column = 0; column < size; column += 1) {
        const inside = [row, column].every((at) => at >= 4 && at < size - 4);
        const dark = inside && Boolean(modules.get(row - 4, column - 4));
        assert.equal(drawn[row]?.[column] ?? false, dark, `row ${row}, column ${column}`);
      }
    }
  });
});

function rasterise(path: string, size: number): boolean[][] {
  const rows = Array.from({ length: size }, () => Array<boolean>(size).fill(false));
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let column = Number(x); column < Number(x) + Number(width); column += 1) rows[Number(y)]![column] = true;
  }
  return rows;
}

// Only such a code has spellings that a careless parser takes for it.
function codeWithLeadingZero(): { secret: string; now: number; code: string } {
  for (let step = NOW_STEP; ; step += 1) {
    const code = totpCode(SECRET, step);
    if (code.startsWith('0')) return { secret: SECRET, now: step * STEP + 1, code };
  }
}
