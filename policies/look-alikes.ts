// Unicode Technical Standard 39, whole-script confusables: letters of one script, each of which is read as a Latin one. Of
// each pair the second is what it is read as. Small and capital letters are told apart by `fold`, not here.
const PAIRS = [
  // Latin ones themselves: small capitals and the signs of phoneticians
  'ɑa ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɡg ɢg ʜh ɪi ᴊj ᴋk ʟl ǀl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz',
  // Cyrillic
  'аa сc ԁd еe һh іi јj кk ӏl оo рp ԛq ѕs ԝw хx уy үy ѵv гr пn ьb ԍg ҫc қk ҳx ҽe',
  // Greek
  'αa γy εe ηn ιi κk νv οo ρp τt υu χx ωw',
  // Armenian
  'օo սu ոn հh յj զq գq ցg լl',
  // Cherokee
  'Ꭺa Ᏼb Ꮯc Ꭰd Ꭼe Ꮐg Ꮋh Ꭵi Ꭻj Ꮶk Ꮮl Ꮇm Ꮲp Ꭱr Ꮢr Ꮪs Ꭲt Ꮩv Ꮃw Ꮓz',
  // Lisu
  'ꓮa ꓐb ꓚc ꓓd ꓰe ꓝf ꓖg ꓧh ꓲi ꓙj ꓗk ꓡl ꓟm ꓠn ꓳo ꓑp ꓣr ꓢs ꓔt ꓴu ꓦv ꓪw ꓫx ꓬy ꓜz',
];

const READ_AS = new Map(
  PAIRS.flatMap((pairs) => pairs.split(' ')).map((pair) => {
    const [letter = '', latin = ''] = pair.toLowerCase();
    return [letter, latin] as const;
  }),
);

/**
 * What these folded letters are read as by who expects plain Latin ones; null where one of them at least is none that could
 * be mistaken, or where all of them are plain.
 */
export function readAsLatin(folded: string): string | null {
  const bare = folded.normalize('NFD').replace(/\p{M}/gu, '');
  const read = [...bare].map((letter) => READ_AS.get(letter) ?? letter).join('');
  return read !== bare && !/(?!\p{sc=Latn})\p{L}/u.test(read) ? read : null;
}
