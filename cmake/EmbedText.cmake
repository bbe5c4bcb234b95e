# cmake -DTEXT=FILE -DTEMPLATE=FILE -DOUTPUT=FILE -P EmbedText.cmake: @text@ in the template becomes the
# file's text.
file(READ ${TEXT} text)
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
