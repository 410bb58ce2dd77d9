import { bindFlightControls } from './page/flight-controls.ts';
import { find, Panel } from './page/panel.ts';
import { bindTheme } from './page/theme.ts';
import { showFlights } from './panels/flights.ts';
import flightsCode from './panels/flights.ts?raw';
import { showMachine } from './panels/machine.ts';
import machineCode from './panels/machine.ts?raw';
import { showPage } from './panels/page.ts';
import pageCode from './panels/page.ts?raw';

bindTheme(find(document, '#theme'));

// Said by the server of the demo. A page from any other server has no addresses to ask.
const hasBackend = document.querySelector('meta[name="millrace-demo"]') !== null;

const machine = new Panel('machine');
machine.code(machineCode);
if (hasBackend) showMachine(machine);
else {
  const command = document.createElement('code');
  command.textContent = 'npm start';
  machine.missing(
    'These counters come from the server of the demo, and this page was opened without it. Type ',
    command,
    ' in the folder of the project and open the address it prints.',
  );
}

const flights = new Panel('flights');
flights.code(flightsCode);
find(document, '#flights-way').textContent = hasBackend ? 'over a WebSocket' : 'inside the page';
const socketUrl = new URL('api/flights', location.href.replace(/^http/, 'ws')).href;
bindFlightControls(showFlights(flights, hasBackend ? socketUrl : undefined));

const page = new Panel('page');
page.code(pageCode);
showPage(page);
