/** What the package offers, for `loadPlugins` of millrace. Bundlers see the imports and make a chunk of each. */
export const plugins = {
  nodes: { repeat: () => import('./repeat.js') },
  sources: { countdown: () => import('./countdown.js') },
  sinks: { sinkToMap: () => import('./sink-to-map.js') },
};
