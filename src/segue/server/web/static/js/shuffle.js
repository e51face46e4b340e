// An order without order in which nobody comes twice in a row, as long as that can be had.

const artistOf = (track) => track.artists?.[0]?.id || track.id;

// `random` gives numbers in [0, 1). `before` is the track that plays now.
export function spacedShuffle(tracks, before = null, random = Math.random) {
  const byArtist = new Map();
  for (const track of tracks) {
    const pile = byArtist.get(artistOf(track)) || [];
    pile.splice(Math.floor(random() * (pile.length + 1)), 0, track);
    byArtist.set(artistOf(track), pile);
  }
  const order = [];
  let last = before && artistOf(before);
  for (let left = tracks.length; left > 0; left -= 1) {
    const artist = choose(byArtist, last, left, random);
    const pile = byArtist.get(artist);
    order.push(pile.pop());
    if (!pile.length) byArtist.delete(artist);
    last = artist;
  }
  return order;
}

// Who has half of what is left must come now, or they come twice in a row later; else by lot,
// each by how much of them is left, so that a large pile is spread over the whole.
function choose(byArtist, last, left, random) {
  const others = [...byArtist].filter(([artist]) => artist !== last);
  if (!others.length) return last;
  const urgent = others.find(([, pile]) => pile.length * 2 > left);
  if (urgent) return urgent[0];
  let lot = random() * others.reduce((sum, [, pile]) => sum + pile.length, 0);
  for (const [artist, pile] of others) {
    lot -= pile.length;
    if (lot < 0) return artist;
  }
  return others.at(-1)[0];
}
