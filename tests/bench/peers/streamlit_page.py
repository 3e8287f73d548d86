"""The eight charts as a Streamlit page with a filter on the country."""

import streamlit as st
from charts import CHARTS, countries, lines

st.set_page_config(layout="wide")
read = st.cache_resource(lines)
frame = read()
chosen = st.multiselect("country", countries())
if chosen:
    frame = frame[frame["country"].isin(chosen)]
columns = st.columns(2)
for place, (name, draw) in enumerate(CHARTS.items()):
    columns[place % 2].plotly_chart(draw(frame), height=320, key=name)
