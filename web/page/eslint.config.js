import js from '@eslint/js'
import vue from 'eslint-plugin-vue'
import typescript from 'typescript-eslint'

export default typescript.config(
  { ignores: ['**/node_modules/', '**/.nuxt/', '**/.output/', '**/dist/', '**/schema.d.ts', '**/theme.js'] },
  js.configs.recommended,
  typescript.configs.strict,
  vue.configs['flat/recommended'],
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: typescript.parser } } },
  {
    files: ['**/*.{ts,vue,js}'],
    rules: {
      'no-undef': 'off', // the compiler's job
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off', // an index inside its own bounds
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/multi-word-component-names': ['error', { ignores: ['app', 'error'] }],
      'vue/require-default-prop': 'off', // the types say what may be missing
      'vue/no-static-inline-styles': 'error', // the policy refuses them
      // Prettier's part:
      'vue/html-closing-bracket-newline': 'off',
      'vue/html-indent': 'off',
      'vue/html-self-closing': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/singleline-html-element-content-newline': 'off',
    },
  },
)
