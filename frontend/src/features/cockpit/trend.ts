/** Returns the months that a chart shows: the latest, and of a period as long as that none before it. */
export function monthsShown<Month extends { is_in_period: boolean }>(trend: readonly Month[], most: number): readonly Month[] {
  const inPeriod = trend.filter((month) => month.is_in_period);
  return inPeriod.length >= 12 ? inPeriod.slice(-most) : trend.slice(-most);
}

/** Returns the months as an axis names them: with the year in January, and in the first month unless January follows, as
 * the two would stand on each other. */
export function axisNames(bars: readonly { month: string; name: string; year: string }[]): string[] {
  const isJanuary = (index: number) => Boolean(bars[index]?.month.endsWith("-01"));
  return bars.map((bar, index) => (isJanuary(index) || (index === 0 && !isJanuary(1)) ? `${bar.name}\n${bar.year}` : bar.name));
}
