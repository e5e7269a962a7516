import { Component, h } from "preact";

export * from "preact/hooks";

/** As React's: without the whole of preact/compat. */
export function memo(Drawn) {
  return class extends Component {
    shouldComponentUpdate(next) {
      return Object.keys(next).some((name) => next[name] !== this.props[name]);
    }
    render(props) {
      return h(Drawn, props);
    }
  };
}
