# Reads a JSON array of texts from stdin and writes, for each, the tree that GitHub's own CommonMark makes of it: [type, text, children].
require 'json'
require 'commonmarker'

def tree(node)
  text = %i[text code code_block html inline_html].include?(node.type) ? node.string_content : nil
  url = %i[link image].include?(node.type) ? node.url : nil
  [node.type, text || url, node.map { |child| tree(child) }]
end

EXTENSIONS = %i[table strikethrough autolink tasklist tagfilter].freeze
texts = JSON.parse($stdin.read)
puts JSON.generate(texts.map { |text| tree(CommonMarker.render_doc(text, :FOOTNOTES, EXTENSIONS)) })
