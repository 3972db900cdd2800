const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
]; // biome-ignore format: a list

/** Python's `date.strftime(format)` in the C locale; codes that it does not know stay as they are. */
export function strftime(date: Date, format: string): string {
  const pad = (value: number, length = 2, fill = '0') => String(value).padStart(length, fill);
  const hours = date.getHours();
  const dayOfYear =
    Math.round((Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 1)) / 864e5) + 1;
  const codes: Readonly<Record<string, () => string>> = {
    Y: () => String(date.getFullYear()),
    y: () => pad(date.getFullYear() % 100),
    m: () => pad(date.getMonth() + 1),
    d: () => pad(date.getDate()),
    e: () => pad(date.getDate(), 2, ' '),
    B: () => months[date.getMonth()]!,
    b: () => months[date.getMonth()]!.slice(0, 3),
    A: () => days[date.getDay()]!,
    a: () => days[date.getDay()]!.slice(0, 3),
    H: () => pad(hours),
    I: () => pad(hours % 12 || 12),
    p: () => (hours < 12 ? 'AM' : 'PM'),
    M: () => pad(date.getMinutes()),
    S: () => pad(date.getSeconds()),
    j: () => pad(dayOfYear, 3),
    F: () => strftime(date, '%Y-%m-%d'),
    T: () => strftime(date, '%H:%M:%S'),
    '%': () => '%',
  };
  return format.replace(/%(-?)([A-Za-z%])/g, (whole, bare: string, code: string) => {
    const text = Object.hasOwn(codes, code) ? codes[code]!() : undefined;
    if (text === undefined) return whole;
    // `%-d` is a day without its zero.
    return bare === '' ? text : text.replace(/^[0 ]+(?=\d)/, '');
  });
}
