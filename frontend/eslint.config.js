import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

/** Imports go down only: entry, features, shared, app, api. Rooms are named by «@/», and no feature reaches inside
 * another. */
function room(files, ...forbidden) {
  const group = forbidden.flatMap((name) => [`@/${name}`, `@/${name}/**`, `**/../${name}/**`]);
  return { files, rules: { "no-restricted-imports": ["error", { patterns: [{ group, message: "Imports go down only." }] }] } };
}

export default ts.config(
  { ignores: ["dist", "node_modules", "src/api/schema.gen.ts"] },
  ...ts.configs.strict,
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      "react-hooks/incompatible-library": "off", // the virtual rows of DataTable
      "@typescript-eslint/no-non-null-assertion": "off",
      "no-restricted-syntax": [
        "error",
        { selector: "CallExpression[callee.property.name=/^to(Reversed|Sorted|Spliced)$/]", message: "Chrome 109 lacks it." },
        {
          selector: "CallExpression[callee.name=/^use(Layout)?Effect$/] > ArrowFunctionExpression[expression=true]:not([body.operator='void']):not([body.type='ArrowFunctionExpression'])",
          message: "React runs what an effect returns as its clean-up, and scrolling returns a promise in new browsers: use a block.",
        },
        {
          selector: "JSXAttribute[name.name='ref'] ArrowFunctionExpression[expression=true]:not([body.operator='void']):not([body.type='ArrowFunctionExpression'])",
          message: "React runs what a ref returns as its clean-up: use a block.",
        },
      ],
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    ignores: ["src/i18n/**"],
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        { paths: [{ name: "i18next", message: "@/i18n checks the keys." }] },
      ],
    },
  },
  room(["src/features/**"], "features", "login", "wall"),
  room(["src/shared/**"], "features", "login", "wall"),
  room(["src/app/**"], "features", "shared", "login", "wall"),
  room(["src/i18n/**"], "features", "shared", "app", "login", "wall"),
  room(["src/login/**"], "features", "shared", "app", "i18n", "wall"),
  room(["src/wall/**"], "features", "app", "i18n", "login"),
  room(["src/api/**"], "features", "shared", "app", "i18n", "login", "wall"),
);
