/**
 * Puts a probe into every branch of a module, so that the fuzzer sees which inputs reach code that none reached before. A probe is a load and a
 * test: `seen[n] || hit(n)`, and `hit` is called once per branch.
 */
import ts from 'typescript'

const { factory: make } = ts

/**
 * The text of the module `source` with probes.
 *
 * @param {string} fileName for error messages.
 * @param {string} source JavaScript, an ES module.
 * @param {() => number} next gives each probe its number.
 */
export function instrument(fileName, source, next) {
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.ES2023, true, ts.ScriptKind.JS)
  const { transformed } = ts.transform(file, [(context) => (root) => visitFile(root, context, next)])
  const text = ts.createPrinter().printFile(transformed[0])
  return `const __seen = globalThis.__fuzz.seen, __hit = globalThis.__fuzz.hit;\n${text}`
}

function visitFile(root, context, next) {
  const probe = () => {
    const number = () => make.createNumericLiteral(n)
    const n = next()
    const element = make.createElementAccessExpression(make.createIdentifier('__seen'), number())
    const call = make.createCallExpression(make.createIdentifier('__hit'), undefined, [number()])
    return make.createParenthesizedExpression(make.createLogicalOr(element, call))
  }
  const statement = () => make.createExpressionStatement(probe())
  const counted = (expression) => make.createParenthesizedExpression(make.createComma(probe(), expression))
  const block = (node) => {
    const statements = node === undefined ? [] : ts.isBlock(node) ? node.statements : [node]
    return make.createBlock([statement(), ...statements], true)
  }
  const visit = (original) => {
    const node = ts.visitEachChild(original, visit, context)
    if (ts.isIfStatement(node)) {
      const otherwise = node.elseStatement
      // An `else if` stays one: its own branches are probed.
      const isChain = otherwise !== undefined && ts.isIfStatement(otherwise)
      return make.updateIfStatement(
        node,
        node.expression,
        block(node.thenStatement),
        isChain ? otherwise : block(otherwise),
      )
    }
    if (ts.isConditionalExpression(node)) {
      const { condition, questionToken, colonToken, whenTrue, whenFalse } = node
      return make.updateConditionalExpression(
        node,
        condition,
        questionToken,
        counted(whenTrue),
        colonToken,
        counted(whenFalse),
      )
    }
    if (ts.isBinaryExpression(node) && isShortCircuit(node.operatorToken.kind)) {
      return make.updateBinaryExpression(node, node.left, node.operatorToken, counted(node.right))
    }
    if (ts.isCaseClause(node)) return make.updateCaseClause(node, node.expression, [statement(), ...node.statements])
    if (ts.isDefaultClause(node)) return make.updateDefaultClause(node, [statement(), ...node.statements])
    if (ts.isCatchClause(node)) return make.updateCatchClause(node, node.variableDeclaration, block(node.block))
    if (ts.isForStatement(node)) {
      return make.updateForStatement(node, node.initializer, node.condition, node.incrementor, block(node.statement))
    }
    if (ts.isForOfStatement(node)) {
      return make.updateForOfStatement(
        node,
        node.awaitModifier,
        node.initializer,
        node.expression,
        block(node.statement),
      )
    }
    if (ts.isWhileStatement(node)) return make.updateWhileStatement(node, node.expression, block(node.statement))
    if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
      const { modifiers, typeParameters, parameters, type, equalsGreaterThanToken } = node
      return make.updateArrowFunction(
        node,
        modifiers,
        typeParameters,
        parameters,
        type,
        equalsGreaterThanToken,
        counted(node.body),
      )
    }
    if (ts.isBlock(node) && ts.isFunctionLike(original.parent)) return block(node)
    return node
  }
  return ts.visitEachChild(root, visit, context)
}

function isShortCircuit(kind) {
  const { AmpersandAmpersandToken, BarBarToken, QuestionQuestionToken } = ts.SyntaxKind
  return kind === AmpersandAmpersandToken || kind === BarBarToken || kind === QuestionQuestionToken
}
