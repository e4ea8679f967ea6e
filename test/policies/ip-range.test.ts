import assert from 'node:assert/strict';
import { canonicalIpList, ipListProblem, isIpAllowed } from '#policies/ip-range.js';

describe('A list of addresses and ranges', () => {
  it('allows every address when it is empty, and none that is unknown when it is not', () => {
    for (const ip of ['203.0.113.7', '2001:db8::1', null]) assert.equal(isIpAllowed('', ip), true);
    for (const ip of [
      null,
      '',
      'unknown',
      '203.0.113',
      '203.0.113.7.1',
      '203.0.113.7 ',
      '203.0.113.7/8',
      '[203.0.113.7]',
      '0xcb007107',
    ])
      assert.equal(isIpAllowed('0.0.0.0/0\n::/0', ip), false, String(ip));
  });

  it('allows the addresses in it, to the first and the last of a range', () => {
    const list = '203.0.113.7\n198.51.100.0/24\n10.0.0.0/8\n2001:db8:1::/48';
    for (const ip of [
      '203.0.113.7',
      '198.51.100.0',
      '198.51.100.255',
      '10.255.255.255',
      '2001:db8:1::',
      '2001:db8:1:ffff:ffff:ffff:ffff:ffff',
      '2001:DB8:1:0:0:0:0:5',
    ]) {
      assert.equal(isIpAllowed(list, ip), true, ip);
    }
    for (const ip of [
      '203.0.113.8',
      '198.51.101.0',
      '198.51.99.255',
      '11.0.0.0',
      '2001:db8:2::',
      '2001:db8:0:ffff::',
      '::',
    ])
      assert.equal(isIpAllowed(list, ip), false, ip);
  });

  it('takes an IPv4 address inside IPv6 for what it is', () => {
    for (const list of ['203.0.113.0/24', '::ffff:203.0.113.0/120', '203.0.113.7']) {
      for (const ip of ['203.0.113.7', '::ffff:203.0.113.7', '::FFFF:203.0.113.7', '::ffff:cb00:7107'])
        assert.equal(isIpAllowed(list, ip), true, `${list} ${ip}`);
      assert.equal(isIpAllowed(list, '::203.0.113.7'), false, list);
    }
    assert.equal(isIpAllowed('::1', '127.0.0.1'), false);
  });

  it('may be parted by lines, commas or spaces, and is kept one a line', () => {
    assert.equal(
      canonicalIpList(' 203.0.113.7,198.51.100.0/24\r\n\n 10.0.0.0/8\t2001:db8::/32 '),
      '203.0.113.7\n198.51.100.0/24\n10.0.0.0/8\n2001:db8::/32',
    );
    for (const pasted of [
      '\u200b203.0.113.7',
      '\ufeff203.0.113.7\u00a0',
      '２０３.0.113.7',
      '203.0.113.7; 203.0.113.7',
      '[203.0.113.7]',
      '::ffff:203.0.113.7',
      '::ffff:cb00:7107',
    ])
      assert.deepEqual([ipListProblem(pasted), canonicalIpList(pasted)], [null, '203.0.113.7'], pasted);
    for (const [typed, kept] of [
      ['2001:0DB8:0000::0003', '2001:db8::3'],
      ['[2001:DB8::]/32', '2001:db8::/32'],
      ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
      ['2001:db8::1\n2001:0db8:0:0::1\u2028', '2001:db8::1'],
    ] as const)
      assert.equal(canonicalIpList(typed), kept, typed);
    assert.equal(canonicalIpList(' \n, '), '');
    assert.equal(ipListProblem(' \n, '), null);
  });

  it('refuses what is none, and says which', () => {
    for (const wrong of [
      '203.0.113',
      '203.0.113.256',
      '203.0.113.0/33',
      '2001:db8::/129',
      '203.0.113.0/',
      '203.0.113.0/-1',
      '203.0.113.0/8/8',
      '203.0.113.0/08',
      '203.0.113.0/1e1',
      '203.0.113.0-9',
      'example.com',
      'fe80::1%eth0',
      '0x7f.1',
      '01.2.3.4',
      '*',
      '::ffff:1.2.3.4.5',
    ]) {
      assert.match(
        ipListProblem(`10.0.0.1\n${wrong}`) ?? '',
        new RegExp(`^"${wrong.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}" is no IP address or range`),
        wrong,
      );
      assert.equal(isIpAllowed(wrong, '203.0.113.7'), false, wrong);
    }
    assert.equal(ipListProblem('203.0.113.0/0\n::/0\n1.2.3.4/32'), null);
  });

  it('holds fifty at most', () => {
    const entries = (count: number): string =>
      Array.from({ length: count }, (_, index) => `10.0.0.${index}`).join('\n');
    assert.equal(ipListProblem(entries(50)), null);
    assert.match(ipListProblem(entries(51)) ?? '', /at most 50/);
  });
});
