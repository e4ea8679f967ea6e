import type { Door } from '#policies/enumerations.js';
import type { Tab } from '#server/http/page.js';
import { DAY } from '#server/lib/clock.js';
import { EVENTS } from '#server/trace/events.js';
import type { LogQuery } from './input.js';
import { EVENTS_BY_TOPIC } from './topics.js';
import type { Understood } from './understood.js';

/** What the page of the log offers to ask, and the addresses that ask it. */

export const PATH = '/admin/security-log';
/** How far back each range goes. */
export const LAST = { '24h': DAY, '7d': 7 * DAY, '30d': 30 * DAY } as const;

/** By which way something was done. */
export const DOOR_LABELS: Readonly<Record<Door, string>> = {
  web: 'Web page',
  api: 'API',
  cli: 'Command line',
  job: 'Scheduled work',
};

/** What the fields are called where a link got one wrong. */
export const LABELS: Readonly<Record<string, string>> = {
  q: 'the search',
  event: 'event',
  level: 'level',
  door: 'way',
  actor: 'person',
  from: 'first day',
  to: 'last day',
  last: 'range',
  days: 'whose days',
  sort: 'order',
  cursor: 'place',
  within: 'where to look',
};

/** The filters above the list, as they were asked. */
export function filtersFor({ q, event, level, door, actor, from, to, days, last, sort, within }: LogQuery) {
  return {
    action: PATH,
    label: 'Security log',
    search: { label: 'Person, event, IP address, browser or detail', value: q },
    selects: [
      { name: 'event', label: 'Event', empty: 'Any event', value: event, options: EVENTS_BY_TOPIC },
      {
        name: 'level',
        label: 'Level',
        empty: 'Any level',
        value: level,
        options: ['high', 'middle', 'low'].map((value) => ({
          value,
          label: value.charAt(0).toUpperCase() + value.slice(1),
        })),
      },
      {
        name: 'door',
        label: 'Way',
        empty: 'Any way',
        value: door,
        options: Object.entries(DOOR_LABELS).map(([value, label]) => ({ value, label })),
      },
    ],
    fields: [
      {
        name: 'actor',
        label: 'Who or to whom',
        type: 'text',
        value: actor,
        hint: 'Whole username, e-mail address or id',
      },
      {
        name: 'from',
        label: 'From',
        type: 'date',
        value: from,
        ...(days === undefined ? {} : { hint: 'The days are those of UTC' }),
      },
      { name: 'to', label: 'Up to and including', type: 'date', value: to },
    ],
    kept: {
      ...(sort === 'newest' ? {} : { sort }),
      ...(last === undefined ? {} : { last }),
      ...(days === undefined ? {} : { days }),
      ...(within === undefined ? {} : { within }),
    },
  };
}

/** The account and its part of the log, as tabs. */
export function tabsOf(id: string): Tab[] {
  return [
    { label: 'Account', href: `/admin/users/${id}` },
    { label: 'Security log', href: `${PATH}?actor=${id}`, current: true },
  ];
}

/** The ranges as tabs. */
export function rangesOf({ from: _from, to: _to, days, last, ...filters }: Filters): Tab[] {
  const own = _from !== undefined || _to !== undefined;
  return [
    { label: 'All time', href: linkTo(filters), current: !own && last === undefined },
    ...Object.keys(LAST).map((range) => ({
      label: { '24h': '24 hours', '7d': '7 days', '30d': '30 days' }[range] ?? range,
      href: linkTo({ ...filters, last: range as keyof typeof LAST }),
      current: !own && last === range,
    })),
    ...(own ? [{ label: 'Own days', href: linkTo({ ...filters, from: _from, to: _to, days }), current: true }] : []),
  ];
}

/** What the search was taken to mean, in words. */
export function aboutIn({ people, more, events, ip }: Understood): string {
  const named = people.length > 3 ? `${people.length} people of that name` : people.map(({ name }) => name).join(', ');
  const parts = [
    ...(people.length === 0
      ? []
      : [`what ${more ? `the first ${people.length} people of that name` : named} did, or was done to them`]),
    ...(events.length === 0
      ? []
      : [
          `the ${events.length === 1 ? 'event' : 'events'} ${events.map((event) => `“${EVENTS[event].label}”`).join(', ')}`,
        ]),
    ...(ip === null ? [] : [`what came from ${ip}`]),
  ];
  return `Shown is ${parts.join(', and ')}.`;
}

/** What is asked of the log, without the place in it. */
export type Filters = Omit<LogQuery, 'cursor'>;

/** The filters that say something. */
export function asked(filters: Filters): Record<string, string> {
  const entries = Object.entries(filters).filter(
    (one): one is [string, string] => one[1] !== undefined && one[1] !== '',
  );
  return Object.fromEntries(entries.filter(([name, value]) => name !== 'sort' || value !== 'newest'));
}

/** The address of the list with these filters, from a place on. */
export function linkTo(filters: Filters, cursor?: string): string {
  const text = new URLSearchParams({ ...asked(filters), ...(cursor === undefined ? {} : { cursor }) }).toString();
  return text === '' ? PATH : `${PATH}?${text}`;
}

/** Where what the filters find can be downloaded. */
export function filesOf(filters: Filters): { label: string; href: string; icon: string }[] {
  const query = linkTo(filters).slice(PATH.length);
  return [
    { label: 'CSV', href: '/admin/security-log/export.csv' },
    { label: 'JSON lines', href: '/admin/security-log/export.jsonl' },
  ].map(({ label, href }) => ({ label, href: `${href}${query}`, icon: 'download' }));
}
