import { countText } from './format.ts';
import { find } from './panel.ts';

export interface FlightControls {
  setRate(rowsPerSecond: number): void;
  show(window: string | number): void;
}

/** Binds the rate and the window of the flights to the controls of the page. */
export function bindFlightControls(flights: FlightControls): void {
  const slider = find<HTMLInputElement>(document, '#rate');
  const text = find(document, '#rate-text');
  const setRate = (): void => {
    const rate = twoDigits(10 ** slider.valueAsNumber);
    text.textContent = `${countText(rate)} rows a second`;
    slider.setAttribute('aria-valuetext', text.textContent);
    flights.setRate(rate);
  };
  slider.addEventListener('input', setRate);
  setRate();

  const windows = find(document, '#window').querySelectorAll('input');
  const setWindow = ({ value }: HTMLInputElement): void => {
    flights.show(/^\d+$/.test(value) ? Number(value) : value);
  };
  for (const input of windows) {
    input.addEventListener('change', () => setWindow(input));
    if (input.checked) setWindow(input);
  }
}

/** 10,000 and 12,000, but not 11,749. */
function twoDigits(value: number): number {
  const step = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.round(value / step) * step;
}
