/** The colours that an organisation can have by name, as the stylesheet has them: each reads well in both themes. */
export const BRAND_COLOURS = [
  'blue',
  'azure',
  'indigo',
  'purple',
  'pink',
  'red',
  'orange',
  'lime',
  'green',
  'teal',
  'cyan',
] as const;
