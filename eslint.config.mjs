import { defineConfig } from 'eslint/config';
import astro from 'eslint-plugin-astro';
import tseslint from 'typescript-eslint';
import house from './tools/lint/house.mjs';
import { rooms } from './tools/lint/rooms.mjs';

export default defineConfig(
  { ignores: ['dist/', '.astro/', 'test-results/', 'node_modules/', '.wrangler/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // Numbers in sentences are what reports are made of.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // process.env and label maps are index signatures, which TypeScript wants in brackets.
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_', argsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
    },
  },
  {
    files: ['src/**/*.ts', 'runbooks/**/*.ts', 'packages/**/*.ts'],
    plugins: { house },
    rules: {
      'house/direction': ['error', rooms],
      'house/no-circle': 'error',
      complexity: ['error', 20],
      'max-lines': ['error', 300],
    },
  },
  ...astro.configs['flat/recommended'],
);
