import { addDisposeSymbol, type Disposes } from '../core/dispose.ts';
import { Node } from '../core/node.ts';
import { checkApiName, isNodeClass, type StreamApi } from '../core/plugin.ts';
import { GraphError, type MillraceError, quote, textOfThrown } from '../errors.ts';
import type { Sink } from '../nodes/sink.ts';
import { Stream } from '../stream.ts';
import { LazyNode, LazyOutputNode } from './lazy-node.ts';

/**
 * Gives a module, by a dynamic import that bundlers can see: `() => import('./repeat.js')`. The plugin is what the
 * module exports under the name of the method, else its default export.
 */
export type PluginLoader = () => Promise<unknown>;

/** What a package of plugins offers, by the names of the methods. */
export interface PluginManifest {
  /** Methods of streams that give streams: classes of nodes, or functions `(stream, ...args) => stream`. */
  readonly nodes?: Readonly<Record<string, PluginLoader>>;
  /** Static methods of `Stream`: classes of nodes, or functions `(...args) => stream`. */
  readonly sources?: Readonly<Record<string, PluginLoader>>;
  /** Methods of streams that end a branch: classes of nodes that are ends, or functions `(stream, ...args) => sink`. */
  readonly sinks?: Readonly<Record<string, PluginLoader>>;
}

/** Options of `loadPlugins`. */
export interface LoadPluginsOptions {
  /** Load all modules now, and fail now where one is not what it is declared to be. Default `false`: at first use. */
  eager?: boolean | undefined;
}

type Kind = 'node' | 'source' | 'sink';

/**
 * Puts the methods that `manifests` declare on `Stream`, at once. A module is loaded when its method is first
 * called; what the method gives then holds elements back, and their emitters, until the module is there. At most 10,000
 * elements wait for a module.
 *
 * @throws as a rejection: `bad-option` where a name is taken, then no method is put on; with `eager` also where a module
 * cannot be loaded or is not of the declared kind. Without it, that is the failure of the first element.
 */
export async function loadPlugins(
  manifests: PluginManifest | readonly PluginManifest[],
  { eager = false }: LoadPluginsOptions = {},
): Promise<void> {
  const plugins = [manifests]
    .flat()
    .flatMap((manifest: PluginManifest) => [
      ...pluginsOf(manifest.nodes, 'node'),
      ...pluginsOf(manifest.sources, 'source'),
      ...pluginsOf(manifest.sinks, 'sink'),
    ]);
  const methods = new Set<string>();
  for (const { method, isStatic } of plugins) {
    checkApiName(method, isStatic ? Stream : Stream.prototype, isStatic ? 'Stream' : 'a stream');
    const place = `${isStatic}.${method}`;
    if (methods.has(place)) throw new GraphError('bad-option', `two plugins are called ${quote(method)}`);
    methods.add(place);
  }
  for (const plugin of plugins) {
    Stream.registerApi(plugin.method, plugin.call as StreamApi, { static: plugin.isStatic });
  }
  if (eager) await Promise.all(plugins.map((plugin) => plugin.load()));
}

function pluginsOf(loaders: Readonly<Record<string, PluginLoader>> | undefined, kind: Kind): Plugin[] {
  return Object.entries(loaders ?? {}).map(([method, loader]) => {
    if (typeof loader !== 'function') {
      throw new GraphError(
        'bad-option',
        `plugin ${quote(method)} must be declared by a function that loads it, got ${typeof loader}`,
      );
    }
    if (kind === 'node') return new NodePlugin(method, loader);
    return kind === 'source' ? new SourcePlugin(method, loader) : new SinkPlugin(method, loader);
  });
}

/** A method whose module is loaded when it is first called. */
abstract class Plugin {
  readonly method: string;
  abstract readonly kind: Kind;
  readonly #loader: PluginLoader;
  #loading: Promise<StreamApi> | undefined;
  #api: StreamApi | undefined;

  constructor(method: string, loader: PluginLoader) {
    this.method = method;
    this.#loader = loader;
  }

  get isStatic(): boolean {
    return this.kind === 'source';
  }

  /** What becomes the method. */
  abstract readonly call: (...args: never[]) => unknown;

  /** The plugin itself, once it is there. */
  protected get api(): StreamApi | undefined {
    return this.#api;
  }

  /** Loads the module, once; after a failure the next call tries again. */
  load(): Promise<StreamApi> {
    this.#loading ??= this.#load().catch((error) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #load(): Promise<StreamApi> {
    let module: unknown;
    try {
      module = await this.#loader();
    } catch (cause) {
      throw new GraphError(
        'not-available',
        `cannot load plugin ${quote(this.method)}: ${textOfThrown(cause)}`,
        {
          cause,
        },
      );
    }
    const api = apiOf(module, this.method);
    isNodeClass(this.method, api);
    this.#api = api as StreamApi;
    return this.#api;
  }

  /** What a class or function of the module makes, where that is of the declared kind. */
  protected make(
    api: StreamApi,
    stream: Stream<unknown> | undefined,
    args: readonly unknown[],
  ): Stream<unknown> | Sink {
    let made: unknown;
    if (isNodeClass(this.method, api)) {
      const node = new api(...(args as never[])) as Node<unknown, unknown>;
      made = stream === undefined ? Stream.of(node) : stream.through(node);
      // An end is active by itself.
      if (this.kind === 'sink' && !node.active) {
        node.dispose();
        throw this.wrongKind(`a node ${quote(node.label)} that is no end`, 'a class of nodes that are ends');
      }
      return made as Stream<unknown>;
    }
    const given = stream === undefined ? args : [stream, ...args];
    made = (api as (...args: readonly unknown[]) => unknown)(...given);
    if (this.kind === 'sink') {
      if (typeof made === 'object' && made !== null && 'dispose' in made && !(made instanceof Stream)) {
        return made as Sink;
      }
      throw this.wrongKind(textOf(made), 'something with dispose(), such as what stream.sink() gives');
    }
    if (made instanceof Stream) return made;
    throw this.wrongKind(textOf(made), 'a stream');
  }

  protected wrongKind(got: string, expected: string): MillraceError {
    return new GraphError(
      'bad-option',
      `${this.kind} plugin ${quote(this.method)} gave ${got}, expected ${expected}`,
    );
  }
}

class NodePlugin extends Plugin {
  override readonly kind: Kind = 'node';

  override readonly call = (stream: Stream<unknown>, ...args: unknown[]): Stream<unknown> => {
    const { api, method } = this;
    if (api !== undefined) return this.make(api, stream, args) as Stream<unknown>;
    const inlet = new LazyNode<unknown>(method);
    const outlet = new LazyOutputNode<unknown>(method);
    inlet.connect(outlet);
    stream.node.connect(inlet as Node<never, unknown>);
    this.load()
      .then((loaded) => {
        if (inlet.disposed || outlet.disposed) return;
        const { node } = this.make(loaded, Stream.of(inlet), args) as Stream<unknown>;
        if (node !== (inlet as unknown)) {
          outlet.follow(node);
          inlet.disconnect(outlet);
        }
        inlet.open();
      })
      .catch((error: unknown) => inlet.fail(error));
    return Stream.of(outlet);
  };
}

class SourcePlugin extends Plugin {
  override readonly kind: Kind = 'source';

  override readonly call = (...args: unknown[]): Stream<unknown> => {
    const { api, method } = this;
    if (api !== undefined) return this.make(api, undefined, args) as Stream<unknown>;
    const outlet = new LazyOutputNode<unknown>(method);
    this.load()
      .then((loaded) => {
        if (!outlet.disposed) outlet.follow((this.make(loaded, undefined, args) as Stream<unknown>).node);
      })
      .catch((error: unknown) => outlet.fail(error));
    return Stream.of(outlet);
  };
}

class SinkPlugin extends Plugin {
  override readonly kind: Kind = 'sink';

  override readonly call = (stream: Stream<unknown>, ...args: unknown[]): Disposes => {
    const { api, method } = this;
    if (api !== undefined) return this.make(api, stream, args);
    const inlet = new LazyNode<unknown>(method, true);
    stream.node.connect(inlet as Node<never, unknown>);
    const ready = this.load()
      .then((loaded) => {
        if (inlet.disposed) return;
        sink.end = this.make(loaded, Stream.of(inlet), args);
        inlet.open();
      })
      .catch((error: unknown) => inlet.fail(error));
    const sink = new LazySink(inlet, ready);
    return sink;
  };
}

/** A sink that is there before what it does. */
class LazySink implements Sink {
  declare [Symbol.dispose]: () => void;
  readonly #inlet: Node<unknown, unknown>;
  /** Ends when the module is there, or has failed. */
  readonly #ready: Promise<void>;
  end: Disposes | undefined;

  static {
    addDisposeSymbol(LazySink.prototype);
  }

  constructor(inlet: Node<unknown, unknown>, ready: Promise<void>) {
    this.#inlet = inlet;
    this.#ready = ready;
  }

  get done(): Promise<void> {
    return this.#ready.then(async () => {
      if (this.end !== undefined && 'done' in this.end) await this.end.done;
    });
  }

  get disposed(): boolean {
    const { end } = this;
    return this.#inlet.disposed || (end !== undefined && 'disposed' in end && end.disposed === true);
  }

  dispose(): void {
    this.end?.dispose();
    this.#inlet.dispose();
  }
}

/** @throws `bad-option` where a module has neither an export called `method` nor a default. */
function apiOf(module: unknown, method: string): unknown {
  if (typeof module === 'function') return module;
  if (typeof module === 'object' && module !== null) {
    if (method in module) return (module as Record<string, unknown>)[method];
    if ('default' in module) return module.default;
  }
  throw new GraphError(
    'bad-option',
    `the module of plugin ${quote(method)} exports neither ${quote(method)} nor a default`,
  );
}

function textOf(value: unknown): string {
  if (value instanceof Stream) return 'a stream';
  if (value instanceof Node) return 'a node';
  if (typeof value === 'object' && value !== null)
    return `an object of ${value.constructor?.name ?? 'no class'}`;
  return typeof value === 'function' ? 'a function' : String(value);
}
